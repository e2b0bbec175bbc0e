package io.entrepot.config;

import io.entrepot.access.ClientCertificates;
import io.entrepot.access.ForeignTokenService;
import io.entrepot.access.OidcClient;
import io.entrepot.access.OidcProvider;
import io.entrepot.access.RequiredClaim;
import io.entrepot.access.Way;
import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Reads the ways to log in that somebody else answers for: by tokens and by certificates. */
final class ForeignLoginReader {
  /** Each provider may have a thread for its keys. */
  private static final int MAX_PROVIDERS = 16;

  private final Values values;
  private final Findings findings;

  ForeignLoginReader(Values values, Findings findings) {
    this.values = values;
    this.findings = findings;
  }

  /** Whether a setting for one of them is given, right or wrong. */
  boolean isAnyGiven() {
    return !values.oidcProviders().isEmpty()
        || values.isGiven(OidcTable.NAMES)
        || ForeignLoginTable.ALL.stream().anyMatch(values::isGiven);
  }

  /** The ways to log in for which settings are given. Tokens of a token service need no rule. */
  List<Way> ways() {
    List<Way> ways = new ArrayList<>();
    for (String name : values.oidcProviders()) {
      ways.add(new Way(OidcProvider.way(name), true, true));
    }
    if (values.isGiven(ForeignLoginTable.TLS_CLIENTCA)) {
      ways.add(new Way(ClientCertificates.WAY, false, true));
    }
    return ways;
  }

  Protection.ForeignLogins read() {
    return new Protection.ForeignLogins(oidc(), tokenService(), certificates());
  }

  private List<Protection.Oidc> oidc() {
    List<String> names = values.oidcProviders();
    if (names.size() > MAX_PROVIDERS) {
      findings.problem(OidcTable.NAMES.key(), "there may be " + MAX_PROVIDERS + " providers");
    }
    List<Protection.Oidc> providers =
        names.stream().flatMap(name -> provider(name).stream()).toList();
    reportSame(providers.stream().map(Protection.Oidc::provider).toList());
    return providers;
  }

  private Optional<Protection.Oidc> provider(String name) {
    Setting<String> issuer = OidcTable.of(name, OidcTable.ISSUER);
    Setting<List<String>> audience = OidcTable.of(name, OidcTable.AUDIENCE);
    Setting<List<RequiredClaim>> require = OidcTable.of(name, OidcTable.REQUIRE);
    requireGiven(issuer, "it is missing: it says whose tokens log in");
    requireGiven(audience, "it is missing: without it, a token made for anybody would log in here");
    List<RequiredClaim> required = values.given(require).orElse(List.of());
    Optional<String> given = values.given(issuer);
    if (given.filter(PublicIssuers::has).isPresent() && !restricts(required)) {
      findings.problem(
          require.key(),
          "it is missing, or lets everybody in: %s gives a token to everybody; write whose tokens"
                  .formatted(given.get())
              + " count, such as repository=acme/*");
    }
    return given.map(
        text ->
            new Protection.Oidc(
                new OidcProvider(
                    name,
                    text,
                    values.given(audience).orElse(List.of()),
                    values.given(OidcTable.of(name, OidcTable.JWKS)),
                    values.value(OidcTable.of(name, OidcTable.USER)),
                    values.value(OidcTable.of(name, OidcTable.GROUPS)),
                    required),
                certificates(OidcTable.of(name, OidcTable.CA)),
                client(name)));
  }

  /** This cache as the provider knows it, if people log in by its page. */
  private Optional<OidcClient> client(String name) {
    Setting<String> id = OidcTable.of(name, OidcTable.CLIENTID);
    Setting<Secret> secret = OidcTable.of(name, OidcTable.CLIENTSECRET);
    Setting<Path> file = OidcTable.of(name, OidcTable.CLIENTSECRETFILE);
    Setting<List<String>> scopes = OidcTable.of(name, OidcTable.SCOPES);
    List.of(secret, file, scopes).forEach(setting -> values.requireBeside(setting, id));
    if (values.isGiven(secret) && values.isGiven(file)) {
      values.bad(file, "give only one of it and " + secret.key());
    }
    if (!values.value(scopes).contains("openid")) {
      values.bad(scopes, "openid is missing: without it, the provider does not say who it is");
    }
    String password =
        values.isGiven(file)
            ? values.secretIn(file).reveal()
            : values.given(secret).map(Secret::reveal).orElse("");
    return values.given(id).map(it -> new OidcClient(it, password, values.value(scopes)));
  }

  private void requireGiven(Setting<?> setting, String otherwise) {
    if (!values.isGiven(setting)) {
      findings.problem(setting.key(), otherwise);
    }
  }

  /** Whether some claim is required that a stranger's token does not have. */
  private static boolean restricts(List<RequiredClaim> required) {
    return required.stream()
        .filter(claim -> !Set.of("iss", "aud").contains(claim.claim()))
        .anyMatch(claim -> !claim.pattern().pattern().replace("*", "").isEmpty());
  }

  /** One token could log in by either, so that it would depend on their order. */
  private void reportSame(List<OidcProvider> providers) {
    Set<List<String>> seen = new HashSet<>();
    for (OidcProvider provider : providers) {
      for (String audience : provider.audiences()) {
        if (!seen.add(List.of(provider.issuer(), audience))) {
          findings.problem(
              OidcTable.of(provider.name(), OidcTable.AUDIENCE).key(),
              "another provider has the same issuer and the audience " + Findings.quote(audience));
        }
      }
    }
  }

  /** Somebody else's token service. It needs all of its settings, and keys from a file. */
  private Optional<ForeignTokenService> tokenService() {
    List<Setting<?>> needed =
        List.of(
            ForeignLoginTable.TOKEN_REALM,
            ForeignLoginTable.TOKEN_SERVICE,
            ForeignLoginTable.TOKEN_ISSUER);
    List<Setting<?>> all = new ArrayList<>(needed);
    all.add(ForeignLoginTable.TOKEN_ROOTCERTBUNDLE);
    all.add(ForeignLoginTable.TOKEN_JWKS);
    if (all.stream().noneMatch(values::isGiven)) {
      return Optional.empty();
    }
    needed.forEach(
        setting ->
            requireGiven(setting, "it is missing, but other settings of auth.token are given"));
    List<X509Certificate> roots = certificates(ForeignLoginTable.TOKEN_ROOTCERTBUNDLE);
    Optional<Path> jwks = values.file(ForeignLoginTable.TOKEN_JWKS);
    if (!values.isGiven(ForeignLoginTable.TOKEN_ROOTCERTBUNDLE)) {
      requireGiven(
          ForeignLoginTable.TOKEN_JWKS,
          "it is missing, and so is auth.token.rootcertbundle: one of them has the keys");
    }
    Optional<URI> realm = values.given(ForeignLoginTable.TOKEN_REALM);
    if (realm.isPresent() && !UrlSyntax.isSafe(realm.get())) {
      findings.warning(
          ForeignLoginTable.TOKEN_REALM.key()
              + ": clients send their passwords to it by plain http");
    }
    Optional<String> service = values.given(ForeignLoginTable.TOKEN_SERVICE);
    Optional<String> issuer = values.given(ForeignLoginTable.TOKEN_ISSUER);
    return realm.isEmpty() || service.isEmpty() || issuer.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new ForeignTokenService(realm.get(), service.get(), issuer.get(), roots, jwks));
  }

  /** The authorities of client certificates. */
  private Optional<Protection.ClientTls> certificates() {
    values.requireBeside(ForeignLoginTable.TLS_USER, ForeignLoginTable.TLS_CLIENTCA);
    List<X509Certificate> authorities = certificates(ForeignLoginTable.TLS_CLIENTCA);
    return authorities.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new Protection.ClientTls(
                values.absolute(
                    ForeignLoginTable.TLS_CLIENTCA, values.value(ForeignLoginTable.TLS_CLIENTCA)),
                authorities,
                values.value(ForeignLoginTable.TLS_USER)));
  }

  private List<X509Certificate> certificates(Setting<Path> setting) {
    return new TlsReader(values, findings).certificates(setting);
  }
}
