package io.entrepot.boot;

import io.entrepot.access.AccessRules;
import io.entrepot.access.Audit;
import io.entrepot.access.Authenticator;
import io.entrepot.access.BearerTokens;
import io.entrepot.access.ClientCertificates;
import io.entrepot.access.ContainerLogins;
import io.entrepot.access.CurrentRules;
import io.entrepot.access.ForeignTokenService;
import io.entrepot.access.Htpasswd;
import io.entrepot.access.LdapLogins;
import io.entrepot.access.LoginOrder;
import io.entrepot.access.Logins;
import io.entrepot.access.OidcTokens;
import io.entrepot.access.ServiceTokens;
import io.entrepot.access.Sessions;
import io.entrepot.access.TokenIssuer;
import io.entrepot.access.TokenKeys;
import io.entrepot.access.WebLogins;
import io.entrepot.config.AccessRuleSyntax;
import io.entrepot.config.Protection;
import io.entrepot.config.Settings;
import io.entrepot.http.AccessControl;
import io.entrepot.http.ClientLogins;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.routing.Sources;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes what decides who may pull, from the settings. */
final class AccessParts {
  private final Settings settings;
  private final Sources sources;
  private final MemoryBudget memory;
  private final Clock clock;
  private final Audit audit;

  AccessParts(Settings settings, Sources sources, MemoryBudget memory, Audit audit, Clock clock) {
    this.sources = sources;
    this.settings = settings;
    this.memory = memory.forOneOf(settings.protection().map(AccessParts::caches).orElse(1));
    this.audit = audit;
    this.clock = clock;
  }

  /** How many caches share the memory for logins: those of the ways to log in that are set up. */
  static int caches(Protection protection) {
    Protection.ForeignLogins foreign = protection.tokens().foreign();
    int failuresAndOwnTokens = 2;
    int rightAndWrongPasswords = 2;
    return failuresAndOwnTokens
        + (protection.passwords().htpasswd().isPresent() ? 1 : 0)
        + (protection.passwords().ldap().isPresent() ? rightAndWrongPasswords : 0)
        + (protection.passwords().container() ? rightAndWrongPasswords : 0)
        + (foreign.oidc().isEmpty() ? 0 : 1)
        + (foreign.tokenService().isPresent() ? 1 : 0)
        + (foreign.certificates().isPresent() ? 1 : 0);
  }

  /**
   * Makes it, if a setting asks for it.
   *
   * @param threads check passwords
   * @param closing closes what has connections
   * @param oidc logs in by OpenID Connect providers, if there are some
   * @throws StartException if a file cannot be used; the message has the setting
   */
  Optional<AccessControl> control(
      Keyring keyring, Threads threads, Closing closing, OidcParts oidc) {
    return settings
        .protection()
        .map(protection -> control(protection, keyring, threads, closing, oidc));
  }

  private AccessControl control(
      Protection protection,
      Keyring keyring,
      Threads threads,
      Closing closing,
      OidcParts providers) {
    Optional<OidcTokens> oidc = providers.tokens();
    List<String> problems = new ArrayList<>();
    Optional<ServiceTokens> service = serviceTokens(protection, problems);
    CurrentRules rules = rules(protection, problems);
    List<Authenticator> passwords = new ArrayList<>(oidc.stream().toList());
    htpasswd(protection.passwords(), threads, problems).ifPresent(passwords::add);
    ldap(protection.passwords(), rules, threads, problems)
        .ifPresent(ldap -> passwords.add(closing.add(ldap, LdapLogins::close)));
    if (protection.passwords().container()) {
      passwords.add(new ContainerLogins(rules::now, memory, clock));
    }
    if (!problems.isEmpty()) {
      throw new StartException(String.join(System.lineSeparator(), problems));
    }
    TokenKeys keys = keys(protection, keyring);
    TokenIssuer tokens =
        new TokenIssuer(keys, keyring.issuer(), protection.tokens().lifetime(), memory, clock);
    List<BearerTokens> bearers = new ArrayList<>();
    bearers.add(service.<BearerTokens>map(theirs -> theirs).orElse(tokens));
    bearers.addAll(oidc.stream().toList());
    Logins.Checks checks =
        new Logins.Checks(
            new LoginOrder(passwords),
            new LoginOrder(List.copyOf(oidc.stream().toList())),
            bearers,
            certificates(protection));
    Logins logins = new Logins(checks, protection.ways(), tokens, audit, memory, clock);
    Set<String> hosts =
        settings.upstreams().all().stream()
            .flatMap(upstream -> upstream.names().hosts().stream())
            .collect(Collectors.toSet());
    AccessControl.Places places =
        new AccessControl.Places(
            protection.realm(),
            settings.http().host(),
            hosts,
            protection.tokens().lenient(),
            new ClientLogins(sources),
            service);
    WebLogins web =
        new WebLogins(
            new Sessions(keys, keyring.issuer(), clock),
            providers.logins(keys, keyring.issuer(), clock));
    return new AccessControl(logins, web, rules, audit, places);
  }

  private Optional<Htpasswd> htpasswd(
      Protection.Passwords passwords, Threads threads, List<String> problems) {
    try {
      return passwords.htpasswd().isEmpty()
          ? Optional.empty()
          : Optional.of(Htpasswd.open(passwords.htpasswd().get(), threads.logins(), memory, clock));
    } catch (IOException e) {
      problems.add("auth.htpasswd.path: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<LdapLogins> ldap(
      Protection.Passwords passwords, CurrentRules rules, Threads threads, List<String> problems) {
    try {
      return passwords.ldap().isEmpty()
          ? Optional.empty()
          : Optional.of(
              new LdapLogins(
                  passwords.ldap().get(),
                  rules::now,
                  new LdapLogins.Workers(threads.ldap(), threads.timer()),
                  memory,
                  clock));
    } catch (IOException e) {
      problems.add("auth.ldap.url: " + e.getMessage());
      return Optional.empty();
    }
  }

  private Optional<ServiceTokens> serviceTokens(Protection protection, List<String> problems) {
    Optional<ForeignTokenService> service = protection.tokens().foreign().tokenService();
    if (service.isPresent()) {
      try {
        return Optional.of(ServiceTokens.open(service.get(), protection.syntax(), memory, clock));
      } catch (IOException e) {
        problems.add("auth.token.jwks: " + e.getMessage());
      }
    }
    return Optional.empty();
  }

  private Optional<ClientCertificates> certificates(Protection protection) {
    return protection
        .tokens()
        .foreign()
        .certificates()
        .map(tls -> new ClientCertificates(tls.authorities(), tls.user(), memory, clock));
  }

  private CurrentRules rules(Protection protection, List<String> problems) {
    Optional<Path> file = protection.ruleFile();
    if (file.isPresent()) {
      try {
        return CurrentRules.of(
            protection.rules(), file.get(), lines -> parse(protection.syntax(), lines), clock);
      } catch (IOException e) {
        problems.add("accessfile: " + e.getMessage());
      }
    }
    return CurrentRules.of(protection.rules());
  }

  private static AccessRules parse(AccessRuleSyntax syntax, List<String> lines) throws IOException {
    List<String> problems = new ArrayList<>();
    AccessRules rules =
        syntax.parseLines(lines, (line, why) -> problems.add("line " + line + ": " + why));
    if (!problems.isEmpty()) {
      throw new IOException(String.join("; ", problems));
    }
    return rules;
  }

  private TokenKeys keys(Protection protection, Keyring keyring) {
    Duration longest = Collections.max(List.of(protection.tokens().lifetime(), Sessions.LIFETIME));
    try {
      TokenKeys keys = TokenKeys.open(keyring.place(), longest, clock);
      keyring.opened().accept(keys);
      return keys;
    } catch (IOException e) {
      throw keyring.unusable(e);
    }
  }
}
