package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.entrepot.fixture.FakeCertificate;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Every setting: its default, and one value through every source. */
class SettingsFromSourcesTest {
  /**
   * One setting.
   *
   * @param beside other settings without which this one makes no sense, as lines of YAML
   */
  record Case(
      String key,
      String text,
      Function<Settings, Object> read,
      Object byDefault,
      Object expected,
      String beside) {

    Case(
        String key,
        String text,
        Function<Settings, Object> read,
        Object byDefault,
        Object expected) {
      this(key, text, read, byDefault, expected, "");
    }

    @Override
    public String toString() {
      return key;
    }
  }

  private static final FakeCertificate CERTIFICATE = certificate();

  private static final String OUTBOUND = "outbound.host: p.example\noutbound.port: 3128\n";

  private static final List<Case> CASES =
      List.of(
          new Case(
              "http.addr",
              ":8080",
              s -> s.http().address(),
              new Address("127.0.0.1", 5000),
              new Address("", 8080)),
          new Case(
              "http.host",
              "https://hub.example/",
              s -> s.http().host(),
              Optional.empty(),
              Optional.of(URI.create("https://hub.example"))),
          duration("http.draintimeout", s -> s.http().drainTimeout(), Duration.ofSeconds(10)),
          new Case(
              "http.tls.certificate",
              CERTIFICATE.pem().toString(),
              s -> s.http().tls().map(Settings.ServerTls::certificate),
              Optional.empty(),
              Optional.of(CERTIFICATE.pem()),
              "http.tls.key: " + CERTIFICATE.keyPem() + "\n"),
          new Case(
              "http.tls.key",
              CERTIFICATE.keyPem().toString(),
              s -> s.http().tls().map(Settings.ServerTls::key),
              Optional.empty(),
              Optional.of(CERTIFICATE.keyPem()),
              "http.tls.certificate: " + CERTIFICATE.pem() + "\n"),
          new Case(
              "proxy.tls.ca",
              CERTIFICATE.pem().toString(),
              s -> s.proxy().tls().authorities(),
              List.of(),
              List.of(CERTIFICATE.certificate())),
          new Case(
              "proxy.tls.certificate",
              CERTIFICATE.pem().toString(),
              s -> s.proxy().tls().client().map(TlsIdentity::chain),
              Optional.empty(),
              Optional.of(List.of(CERTIFICATE.certificate())),
              "proxy.tls.key: " + CERTIFICATE.keyPem() + "\n"),
          new Case(
              "proxy.tls.key",
              CERTIFICATE.keyPem().toString(),
              s -> s.proxy().tls().client().map(TlsIdentity::key),
              Optional.empty(),
              Optional.of(CERTIFICATE.key()),
              "proxy.tls.certificate: " + CERTIFICATE.pem() + "\n"),
          new Case(
              "proxy.insecure",
              "true",
              s -> s.proxy().tls().insecure(),
              false,
              true,
              "proxy.remoteurl: http://127.0.0.1:5001\n"),
          new Case(
              "proxy.remoteurl",
              "https://ghcr.io/",
              s -> s.proxy().upstream(),
              URI.create("https://registry-1.docker.io"),
              URI.create("https://ghcr.io")),
          new Case(
              "proxy.username",
              "me",
              s -> s.proxy().login().map(Login::username),
              Optional.empty(),
              Optional.of("me"),
              "proxy.password: x\n"),
          new Case(
              "proxy.password",
              "pass:word",
              s -> s.proxy().login().map(Login::password),
              Optional.empty(),
              Optional.of(Secret.of("pass:word")),
              "proxy.username: x\n"),
          new Case(
              "proxy.identitytoken",
              "token",
              s -> s.proxy().identityToken(),
              Optional.empty(),
              Optional.of(Secret.of("token"))),
          duration("proxy.ttl", s -> s.proxy().ttl(), Duration.ofDays(7)),
          new Case(
              "proxy.expire",
              "after-fetch",
              s -> s.proxy().expire(),
              Expire.AFTER_USE,
              Expire.AFTER_FETCH),
          duration("proxy.revalidate", s -> s.proxy().revalidate(), Duration.ZERO),
          new Case(
              "proxy.realms",
              "https://a.example, http://localhost:5001",
              s -> s.proxy().realms(),
              List.of(URI.create("https://auth.docker.io")),
              List.of(URI.create("https://a.example"), URI.create("http://localhost:5001"))),
          new Case("proxy.keepdeleted", "true", s -> s.proxy().keepDeleted(), false, true),
          duration("proxy.deadline", s -> s.proxy().deadline(), Duration.ofSeconds(5)),
          duration("proxy.connecttimeout", s -> s.proxy().connectTimeout(), Duration.ofSeconds(5)),
          duration(
              "proxy.responsetimeout", s -> s.proxy().responseTimeout(), Duration.ofSeconds(30)),
          duration("proxy.idletimeout", s -> s.proxy().idleTimeout(), Duration.ofSeconds(30)),
          new Case("proxy.maxfills", "56", s -> s.proxy().maxFills(), 32, 56),
          new Case("proxy.maxconnections", "40", s -> s.proxy().maxConnections(), 64, 40),
          new Case(
              "outbound.host",
              "Proxy.example",
              s -> s.outbound().map(Settings.Outbound::host),
              Optional.empty(),
              Optional.of("proxy.example"),
              "outbound.port: 3128\n"),
          new Case(
              "outbound.port",
              "65535",
              s -> s.outbound().map(Settings.Outbound::port),
              Optional.empty(),
              Optional.of(65535),
              "outbound.host: p.example\n"),
          new Case(
              "outbound.username",
              "me",
              s -> s.outbound().flatMap(Settings.Outbound::login).map(Login::username),
              Optional.empty(),
              Optional.of("me"),
              OUTBOUND + "outbound.password: x\n"),
          new Case(
              "outbound.password",
              "pass",
              s -> s.outbound().flatMap(Settings.Outbound::login).map(Login::password),
              Optional.empty(),
              Optional.of(Secret.of("pass")),
              OUTBOUND + "outbound.username: x\n"),
          new Case(
              "outbound.noproxy",
              "Localhost,.example.org, *",
              s -> s.outbound().map(Settings.Outbound::noProxy),
              Optional.empty(),
              Optional.of(List.of("localhost", ".example.org", "*")),
              OUTBOUND),
          new Case(
              "storage.filesystem.rootdirectory",
              "/no/such/./x/../folder",
              s -> s.storage().rootDirectory(),
              Path.of("/home/me/.entrepot"),
              Path.of("/no/such/folder")),
          new Case(
              "storage.reserve", "200MiB", s -> s.storage().reserveBytes(), 1L << 30, 200L << 20),
          new Case("storage.resumable", "false", s -> s.storage().resumable(), true, false),
          duration("storage.unlinkgrace", s -> s.storage().unlinkGrace(), Duration.ofMinutes(1)),
          duration("storage.verifyafter", s -> s.storage().verifyAfter(), Duration.ofDays(30)),
          new Case("storage.scrubrate", "1MiB", s -> s.storage().scrubRate(), 20L << 20, 1L << 20),
          new Case("expiry.maxpersecond", "1", s -> s.expiry().maxPerSecond(), 200, 1),
          new Case(
              "import.dir",
              "src/test/../main",
              Settings::importDirectory,
              Optional.empty(),
              Optional.of(Path.of("src/main").toAbsolutePath())),
          new Case(
              "datasource",
              "jdbc/other",
              Settings::database,
              new Settings.Database("jdbc/entrepot", false),
              new Settings.Database("jdbc/other", true)));

  @TempDir Path folder;

  /** Made before JUnit could give a folder for it. */
  private static FakeCertificate certificate() {
    try {
      Path folder = Files.createDirectories(Path.of("target", "certificate").toAbsolutePath());
      Files.deleteIfExists(folder.resolve("settings.p12"));
      return FakeCertificate.create(folder, "settings", "dns:settings.example");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static Case duration(String key, Function<Settings, Object> read, Duration byDefault) {
    return new Case(key, "1m30s", read, byDefault, Duration.ofSeconds(90));
  }

  static Stream<Case> cases() {
    return CASES.stream();
  }

  static Stream<Arguments> casesBySource() {
    return CASES.stream()
        .flatMap(
            each ->
                Stream.of("java:comp/env/", "java:global/", "", "property", "environment", "file")
                    .map(source -> arguments(each, source)));
  }

  @Test
  void casesCoverEverySetting() {
    Set<String> keys = new HashSet<>(SettingsTable.all().stream().map(Setting::key).toList());
    keys.remove("config");
    assertThat(cases().map(Case::key)).containsExactlyInAnyOrderElementsOf(keys);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void hasItsDefault(Case each) {
    assertThat(each.read().apply(new GivenSources().read())).isEqualTo(each.byDefault());
  }

  @ParameterizedTest
  @MethodSource("casesBySource")
  void isReadFrom(Case each, String source) {
    GivenSources sources = new GivenSources().file(folder, each.beside());
    String environmentName = "ENTREPOT_" + each.key().toUpperCase(Locale.ROOT).replace('.', '_');
    switch (source) {
      case "file" -> sources.file(folder, each.beside() + each.key() + ": '" + each.text() + "'\n");
      case "property" -> sources.property("entrepot." + each.key(), each.text());
      case "environment" -> sources.environment(environmentName, each.text());
      default -> sources.bind(source + "entrepot/" + each.key().replace('.', '/'), each.text());
    }
    Settings settings = sources.read();
    assertThat(each.read().apply(settings)).isEqualTo(each.expected());
    assertThat(settings.warnings()).isEmpty();
  }

  @Test
  void nothingGivenWarnsOfNothing() {
    assertThat(new GivenSources().read().warnings()).isEmpty();
  }
}
