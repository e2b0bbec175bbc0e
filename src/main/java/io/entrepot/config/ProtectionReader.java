package io.entrepot.config;

import io.entrepot.access.AccessRule;
import io.entrepot.access.AccessRules;
import io.entrepot.access.ContainerLogins;
import io.entrepot.access.Htpasswd;
import io.entrepot.access.LdapLogins;
import io.entrepot.access.Way;
import io.entrepot.access.Ways;
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
    ForeignLoginReader foreign = new ForeignLoginReader(values, findings);
    if (AccessTable.ALL.stream().noneMatch(values::isGiven) && !foreign.isAnyGiven()) {
      return Optional.empty();
    }
    Ways ways = ways(foreign);
    values.requireBeside(AccessTable.HTPASSWD_REALM, AccessTable.HTPASSWD_PATH);
    AccessRuleSyntax syntax =
        new AccessRuleSyntax(
            proxy.names(),
            upstreams.stream().map(Settings.Upstream::names).toList(),
            new WhoSyntax(ways, http.trustedProxies()));
    Optional<Path> file = values.file(AccessTable.ACCESSFILE);
    return Optional.of(
        new Settings.Protection(
            ways,
            passwords(),
            values.value(AccessTable.HTPASSWD_REALM),
            new Settings.Tokens(
                values.value(AccessTable.TOKENLIFETIME),
                values.value(AccessTable.LENIENT),
                foreign.read()),
            rules(syntax, !ways.all().isEmpty()),
            file,
            syntax));
  }

  /** The ways to log in for which a setting was given, whether it is right or not. */
  private Ways ways(ForeignLoginReader foreign) {
    List<Way> ways = new ArrayList<>(foreign.ways());
    if (values.isGiven(AccessTable.HTPASSWD_PATH)) {
      ways.add(new Way(Htpasswd.WAY, false, false));
    }
    if (values.isGiven(LdapTable.URL)) {
      ways.add(new Way(LdapLogins.WAY, values.isGiven(LdapTable.GROUPBASE), false));
    }
    if (values.value(AccessTable.CONTAINER)) {
      ways.add(new Way(ContainerLogins.WAY, true, false));
    }
    return new Ways(ways);
  }

  private Settings.Passwords passwords() {
    boolean container = values.value(AccessTable.CONTAINER);
    if (container && values.value(AccessTable.LENIENT)) {
      findings.problem(
          AccessTable.LENIENT.key(),
          "the server's realm does not tell unknown users from wrong passwords, so that it cannot"
              + " be given by %s beside %s"
                  .formatted(
                      values.source(AccessTable.LENIENT), values.key(AccessTable.CONTAINER)));
    }
    if (container && values.isGiven(LdapTable.URL)) {
      findings.problem(
          LdapTable.URL.key(),
          "give only one of it and auth.container: the server's realm can ask the directory itself");
    }
    return new Settings.Passwords(
        values.file(AccessTable.HTPASSWD_PATH), container, new LdapReader(values, findings).read());
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
