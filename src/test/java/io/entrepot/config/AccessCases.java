package io.entrepot.config;

import io.entrepot.upstream.auth.TrustedRealm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;

/** The cases of {@link SettingsFromSourcesTest} for credentials. */
final class AccessCases {
  private static final Access ANONYMOUS = new Access.Anonymous();
  private static final Path POM = Path.of("pom.xml").toAbsolutePath();
  private static final String EXEC = "proxy.exec.command: x\n";
  private static final Access.Helpers HELPERS =
      new Access.Helpers(List.of(), Duration.ofSeconds(30), Duration.ofHours(1));

  static final List<SettingCase> ALL =
      List.of(
          new SettingCase(
              "proxy.username",
              "me",
              s -> s.proxy().login().access(),
              ANONYMOUS,
              new Access.Password(new Login("me", Secret.of("x"))),
              "proxy.password: x\n"),
          new SettingCase(
              "proxy.password",
              "pass:word",
              s -> s.proxy().login().access(),
              ANONYMOUS,
              new Access.Password(new Login("x", Secret.of("pass:word"))),
              "proxy.username: x\n"),
          new SettingCase(
              "proxy.identitytoken",
              "token",
              s -> s.proxy().login().access(),
              ANONYMOUS,
              new Access.IdentityToken(Secret.of("token"))),
          new SettingCase(
              "proxy.passwordfile",
              "src/../pom.xml",
              s -> s.proxy().login().access(),
              ANONYMOUS,
              new Access.PasswordFile("x", POM),
              "proxy.username: x\n"),
          new SettingCase(
              "proxy.credentials",
              "me:pass:word",
              s -> s.proxy().login().access(),
              ANONYMOUS,
              new Access.Password(new Login("me", Secret.of("pass:word")))),
          new SettingCase(
              "proxy.dockerconfig",
              "pom.xml",
              s -> s.proxy().login().access(),
              ANONYMOUS,
              new Access.DockerConfig(POM, HELPERS)),
          new SettingCase(
              "proxy.exec.command",
              "docker-credential-ecr-login",
              s -> s.proxy().login().access(),
              ANONYMOUS,
              new Access.HelperProgram("ecr-login", HELPERS)),
          SettingCase.duration(
              "proxy.exec.lifetime", helpers(Access.Helpers::lifetime), Duration.ofHours(1), EXEC),
          SettingCase.duration(
              "proxy.exec.timeout", helpers(Access.Helpers::timeout), Duration.ofSeconds(30), EXEC),
          new SettingCase(
              "proxy.exec.path",
              "/opt/a b, /usr/local/bin",
              helpers(Access.Helpers::folders),
              List.of(),
              List.of(Path.of("/opt/a b"), Path.of("/usr/local/bin")),
              EXEC),
          new SettingCase(
              "proxy.clientcredentials",
              "true",
              s -> s.proxy().login().access(),
              ANONYMOUS,
              new Access.OfClients(Duration.ofMinutes(5))),
          SettingCase.duration(
              "proxy.clientcredentialslifetime",
              s ->
                  s.proxy().login().access() instanceof Access.OfClients clients
                      ? clients.lifetime()
                      : Duration.ofMinutes(5),
              Duration.ofMinutes(5),
              "proxy.clientcredentials: true\n"),
          new SettingCase(
              "proxy.anonymousfallback",
              "true",
              s -> s.proxy().login().anonymousFallback(),
              false,
              true),
          new SettingCase(
              "proxy.realms",
              "https://a.example, http://localhost:5001",
              s -> s.proxy().login().realms(),
              List.of(TrustedRealm.parse("https://auth.docker.io")),
              List.of(
                  TrustedRealm.parse("https://a.example"),
                  TrustedRealm.parse("http://localhost:5001"))));

  private AccessCases() {}

  private static Function<Settings, Object> helpers(Function<Access.Helpers, Object> read) {
    return settings ->
        read.apply(
            settings.proxy().login().access() instanceof Access.HelperProgram helper
                ? helper.helpers()
                : HELPERS);
  }
}
