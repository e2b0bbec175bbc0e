package io.entrepot.config;

import io.entrepot.access.ClientCertificates.UserFrom;
import io.entrepot.access.ForeignTokenService;
import java.net.URI;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The cases of {@link SettingsFromSourcesTest} for tokens and certificates of others. */
final class ForeignLoginCases {
  static final String CA = "src/test/resources/io/entrepot/access/certificates.pem";
  private static final Path POM = Path.of("pom.xml").toAbsolutePath();
  private static final String REALM = "auth.token.realm: https://a.example\n";
  private static final String SERVICE = "auth.token.service: s\n";
  private static final String ISSUER = "auth.token.issuer: i\n";
  private static final String KEYS = "auth.token.jwks: pom.xml\n";

  static final List<SettingCase> ALL =
      List.of(
          new SettingCase(
              "auth.oidc.names",
              "ci",
              foreign(
                  f -> f.oidc().stream().map(each -> each.provider().name()).toList(), List.of()),
              List.of(),
              List.of("ci"),
              "auth.oidc.ci.issuer: https://ci.example\nauth.oidc.ci.audience: a\n"),
          new SettingCase(
              "auth.token.realm",
              "http://127.0.0.1/auth/token",
              service(ForeignTokenService::realm),
              Optional.empty(),
              Optional.of(URI.create("http://127.0.0.1/auth/token")),
              SERVICE + ISSUER + KEYS),
          new SettingCase(
              "auth.token.service",
              "cache.example",
              service(ForeignTokenService::service),
              Optional.empty(),
              Optional.of("cache.example"),
              REALM + ISSUER + KEYS),
          new SettingCase(
              "auth.token.issuer",
              "https://auth.example/",
              service(ForeignTokenService::issuer),
              Optional.empty(),
              Optional.of("https://auth.example/"),
              REALM + SERVICE + KEYS),
          new SettingCase(
              "auth.token.jwks",
              "pom.xml",
              service(ForeignTokenService::jwks),
              Optional.empty(),
              Optional.of(Optional.of(POM)),
              REALM + SERVICE + ISSUER),
          new SettingCase(
              "auth.token.rootcertbundle",
              CA,
              service(service -> service.roots().size()),
              Optional.empty(),
              Optional.of(12),
              REALM + SERVICE + ISSUER),
          new SettingCase(
              "auth.tls.clientca",
              CA,
              foreign(f -> f.certificates().map(Protection.ClientTls::file), Optional.empty()),
              Optional.empty(),
              Optional.of(Path.of(CA).toAbsolutePath())),
          new SettingCase(
              "auth.tls.user",
              "cn",
              foreign(f -> f.certificates().map(Protection.ClientTls::user), Optional.empty()),
              Optional.empty(),
              Optional.of(UserFrom.CN),
              "auth.tls.clientca: " + CA + "\n"));

  private ForeignLoginCases() {}

  private static Function<Settings, Object> foreign(
      Function<Protection.ForeignLogins, Object> read, Object otherwise) {
    return settings ->
        settings
            .protection()
            .map(protection -> read.apply(protection.tokens().foreign()))
            .orElse(otherwise);
  }

  private static Function<Settings, Object> service(Function<ForeignTokenService, Object> read) {
    return foreign(f -> f.tokenService().map(read), Optional.empty());
  }
}
