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
import java.util.stream.Stream;

/** Reads who may pull and do more. Any rule and any way to log in protects everything. */
final class ProtectionReader {
  /** What holds if there are users and no rules: what docker/distribution does. */
  private static final String DEFAULT_RULE = "authenticated pull **";

  /** What holds if an upstream decides for each client, and there are no rules. */
  private static final String CLIENTS_RULE = "anonymous pull **";

  private final Values values;
  private final Findings findings;

  ProtectionReader(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
  }

  Optional<Protection> read(
      Settings.Http http, Settings.Upstream proxy, List<Settings.Upstream> upstreams) {
    ForeignLoginReader foreign = new ForeignLoginReader(values, findings);
    List<Settings.Upstream> perClient =
        Stream.concat(Stream.of(proxy), upstreams.stream())
            .filter(upstream -> upstream.login().access() instanceof Access.OfClients)
            .toList();
    if (AccessTable.ALL.stream().noneMatch(values::isGiven)
        && !foreign.isAnyGiven()
        && perClient.isEmpty()) {
      return Optional.empty();
    }
    checkPasswords(perClient);
    Ways ways = ways(foreign);
    values.requireBeside(AccessTable.HTPASSWD_REALM, AccessTable.HTPASSWD_PATH);
    AccessRuleSyntax syntax =
        new AccessRuleSyntax(
            proxy.names(),
            upstreams.stream().map(Settings.Upstream::names).toList(),
            new WhoSyntax(ways, http.trustedProxies()));
    Optional<Path> file = values.file(AccessTable.ACCESSFILE);
    return Optional.of(
        new Protection(
            ways,
            passwords(),
            values.value(AccessTable.HTPASSWD_REALM),
            new Protection.Tokens(
                values.value(AccessTable.TOKENLIFETIME),
                values.value(AccessTable.LENIENT),
                foreign.read()),
            rules(syntax, usual(ways, perClient)),
            file,
            syntax));
  }

  /** By the host name that a client calls, its password leads to one place at most. */
  private void checkPasswords(List<Settings.Upstream> perClient) {
    if (!perClient.isEmpty() && values.isGiven(ForeignLoginTable.TOKEN_REALM)) {
      findings.problem(
          perClient.get(0).key() + "clientcredentials",
          "passwords of clients come by our own tokens, and with %s there are none"
              .formatted(ForeignLoginTable.TOKEN_REALM.key()));
    }
    List<Settings.Upstream> everywhere =
        perClient.stream().filter(upstream -> upstream.names().hosts().isEmpty()).toList();
    if (everywhere.isEmpty()) {
      return;
    }
    String key = everywhere.get(0).key() + "clientcredentials";
    for (Settings.Upstream other : everywhere.subList(1, everywhere.size())) {
      findings.problem(
          other.key() + "hosts",
          "it is missing: a password that is meant for the upstream of %s would go to %s too; name a"
                  .formatted(key, other.names().name())
              + " host of this cache that leads to one of them alone");
    }
    Stream.of(AccessTable.HTPASSWD_PATH, LdapTable.URL, AccessTable.CONTAINER)
        .filter(values::isGiven)
        .filter(setting -> !Boolean.FALSE.equals(values.value(setting)))
        .forEach(
            setting ->
                findings.problem(
                    everywhere.get(0).key() + "hosts",
                    "it is missing: %s also asks for passwords, and with %s they would go to the"
                            .formatted(setting.key(), key)
                        + " upstream; name a host of this cache that leads to this upstream alone"));
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

  private Protection.Passwords passwords() {
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
    return new Protection.Passwords(
        values.file(AccessTable.HTPASSWD_PATH), container, new LdapReader(values, findings).read());
  }

  /**
   * The rule that holds where none is given. With a way to log in, only who has logged in may pull.
   */
  private static Optional<String> usual(Ways ways, List<Settings.Upstream> perClient) {
    return ways.all().isEmpty()
        ? perClient.stream().findFirst().map(upstream -> CLIENTS_RULE)
        : Optional.of(DEFAULT_RULE);
  }

  private AccessRules rules(AccessRuleSyntax syntax, Optional<String> usual) {
    boolean hasRules = values.isGiven(AccessTable.ACCESS) || values.isGiven(AccessTable.ACCESSFILE);
    if (!hasRules) {
      return new AccessRules(usual.map(syntax::parse).stream().toList());
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
