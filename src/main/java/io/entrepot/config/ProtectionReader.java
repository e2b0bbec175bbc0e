package io.entrepot.config;

import io.entrepot.access.AccessRule;
import io.entrepot.access.AccessRules;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads who may pull and do more. Any rule and any way to log in protects everything. */
final class ProtectionReader {
  /** What holds if there are users and no rules: what docker/distribution does. */
  private static final String DEFAULT_RULE = "authenticated pull **";

  private final Values values;
  private final Findings findings;

  ProtectionReader(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
  }

  Optional<Settings.Protection> read(
      Settings.Http http, Settings.Upstream proxy, List<Settings.Upstream> upstreams) {
    if (AccessTable.ALL.stream().noneMatch(values::isGiven)) {
      return Optional.empty();
    }
    Optional<Path> htpasswd = values.file(AccessTable.HTPASSWD_PATH);
    boolean hasLogins = values.isGiven(AccessTable.HTPASSWD_PATH);
    values.requireBeside(AccessTable.HTPASSWD_REALM, AccessTable.HTPASSWD_PATH);
    AccessRuleSyntax syntax =
        new AccessRuleSyntax(
            proxy.names(),
            upstreams.stream().map(Settings.Upstream::names).toList(),
            http.trustedProxies(),
            hasLogins);
    Optional<Path> file = values.file(AccessTable.ACCESSFILE);
    return Optional.of(
        new Settings.Protection(
            htpasswd,
            values.value(AccessTable.HTPASSWD_REALM),
            new Settings.Tokens(
                values.value(AccessTable.TOKENLIFETIME), values.value(AccessTable.LENIENT)),
            rules(syntax, hasLogins),
            file,
            syntax));
  }

  private AccessRules rules(AccessRuleSyntax syntax, boolean hasLogins) {
    boolean hasRules = values.isGiven(AccessTable.ACCESS) || values.isGiven(AccessTable.ACCESSFILE);
    if (!hasRules) {
      return new AccessRules(hasLogins ? List.of(syntax.parse(DEFAULT_RULE)) : List.of());
    }
    List<AccessRule> rules = new ArrayList<>();
    for (String rule : values.given(AccessTable.ACCESS).orElse(List.of())) {
      try {
        rules.add(syntax.parse(rule));
      } catch (IllegalArgumentException e) {
        findings.problem(
            AccessTable.ACCESS.key(),
            "%s has the rule %s: %s"
                .formatted(
                    values.source(AccessTable.ACCESS), Findings.quote(rule), e.getMessage()));
      }
    }
    return new AccessRules(rules);
  }
}
