package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import io.entrepot.oci.Glob;
import io.entrepot.oci.Pin;
import java.net.URI;
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

  private static final String OUTBOUND = "outbound.host: p.example\noutbound.port: 3128\n";

  private static final Access ANONYMOUS = new Access.Anonymous();
  private static final Path POM = Path.of("pom.xml").toAbsolutePath();
  private static final String EXEC = "proxy.exec.command: x\n";
  private static final Access.Helpers HELPERS =
      new Access.Helpers(List.of(), Duration.ofSeconds(30), Duration.ofHours(1));

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
          new Case(
              "http.trustedproxies",
              "10.0.0.0/8, ::1",
              s -> s.http().trustedProxies(),
              List.of(),
              List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("::1/128"))),
          duration("http.draintimeout", s -> s.http().drainTimeout(), Duration.ofSeconds(10)),
          new Case("http.minrate", "64KiB", s -> s.http().clients().minRate(), 1024L, 65_536L),
          duration("http.patience", s -> s.http().clients().patience(), Duration.ofSeconds(60)),
          new Case("http.maxperclient", "50", s -> s.http().clients().maxRequests(), 0, 50),
          new Case(
              "proxy.remoteurl",
              "https://ghcr.io/",
              s -> s.proxy().url(),
              URI.create("https://registry-1.docker.io"),
              URI.create("https://ghcr.io")),
          new Case("proxy.name", "hub", s -> s.proxy().names().name(), "docker.io", "hub"),
          new Case(
              "proxy.mirrors",
              "https://a.example/, https://b.example:5000",
              s -> s.proxy().mirrors(),
              List.of(),
              List.of(URI.create("https://a.example"), URI.create("https://b.example:5000"))),
          new Case(
              "proxy.hosts",
              "Docker.Cache.example, other",
              s -> s.proxy().names().hosts(),
              Set.of(),
              Set.of("docker.cache.example", "other")),
          new Case("proxy.offline", "true", s -> s.proxy().offline(), false, true),
          new Case(
              "proxy.tags",
              "v*=immutable, latest=1m",
              s -> s.proxy().tags().rules(),
              List.of(),
              List.of(
                  new Settings.TagRule(new Glob("v*"), Optional.empty()),
                  new Settings.TagRule(new Glob("latest"), Optional.of(Duration.ofMinutes(1))))),
          duration("proxy.maxage", s -> s.proxy().tags().maxAge(), Duration.ofHours(1)),
          duration("proxy.stalewindow", s -> s.proxy().tags().staleWindow(), Duration.ZERO),
          duration("proxy.negative", s -> s.proxy().tags().negative(), Duration.ofSeconds(5)),
          duration("proxy.cooling", s -> s.proxy().tags().cooling(), Duration.ZERO),
          new Case(
              "proxy.allow",
              "library/*, team/app",
              s -> s.proxy().admission().allow(),
              List.of(),
              List.of(new Glob("library/*"), new Glob("team/app"))),
          new Case(
              "proxy.deny",
              "evil/*",
              s -> s.proxy().admission().deny(),
              List.of(),
              List.of(new Glob("evil/*"))),
          new Case("proxy.maxblobsize", "1GiB", s -> s.proxy().maxBlobSize(), 0L, 1L << 30),
          new Case(
              "expiry.pins",
              "library/*:v?, team/app",
              s -> s.expiry().pins(),
              List.of(),
              List.of(
                  new Pin(new Glob("library/*"), new Glob("v?")),
                  new Pin(new Glob("team/app"), new Glob("*")))),
          new Case("proxy.breaker.failures", "7", s -> s.proxy().restraint().failures(), 5, 7),
          new Case(
              "proxy.breaker.rest",
              "9s",
              s -> s.proxy().restraint().rest(),
              Duration.ofSeconds(2),
              Duration.ofSeconds(9)),
          duration(
              "proxy.breaker.maxrest",
              s -> s.proxy().restraint().maxRest(),
              Duration.ofSeconds(60)),
          duration(
              "proxy.ratelimit.rest",
              s -> s.proxy().restraint().throttledRest(),
              Duration.ofSeconds(30)),
          duration(
              "proxy.ratelimit.maxrest",
              s -> s.proxy().restraint().maxThrottledRest(),
              Duration.ofMinutes(10)),
          new Case(
              "proxy.ratelimit.scarce", "0", s -> s.proxy().restraint().scarcePercent(), 10, 0),
          new Case("proxy.maxrequests", "33", s -> s.proxy().limits().requests(), 0, 33),
          new Case(
              "proxy.bandwidth", "1MiB", s -> s.proxy().limits().bytesPerSecond(), 0L, 1L << 20),
          new Case("limits.maxrequests", "33", s -> s.limits().requests(), 0, 33),
          new Case("limits.bandwidth", "1MiB", s -> s.limits().bytesPerSecond(), 0L, 1L << 20),
          new Case(
              "upstreams.names",
              "ghcr.io, quay.io",
              s -> s.upstreams().stream().map(u -> u.names().name()).toList(),
              List.of(),
              List.of("ghcr.io", "quay.io")),
          new Case(
              "proxy.username",
              "me",
              s -> s.proxy().access(),
              ANONYMOUS,
              new Access.Password(new Login("me", Secret.of("x"))),
              "proxy.password: x\n"),
          new Case(
              "proxy.password",
              "pass:word",
              s -> s.proxy().access(),
              ANONYMOUS,
              new Access.Password(new Login("x", Secret.of("pass:word"))),
              "proxy.username: x\n"),
          new Case(
              "proxy.identitytoken",
              "token",
              s -> s.proxy().access(),
              ANONYMOUS,
              new Access.IdentityToken(Secret.of("token"))),
          new Case(
              "proxy.passwordfile",
              "src/../pom.xml",
              s -> s.proxy().access(),
              ANONYMOUS,
              new Access.PasswordFile("x", POM),
              "proxy.username: x\n"),
          new Case(
              "proxy.credentials",
              "me:pass:word",
              s -> s.proxy().access(),
              ANONYMOUS,
              new Access.Password(new Login("me", Secret.of("pass:word")))),
          new Case(
              "proxy.dockerconfig",
              "pom.xml",
              s -> s.proxy().access(),
              ANONYMOUS,
              new Access.DockerConfig(POM, HELPERS)),
          new Case(
              "proxy.exec.command",
              "docker-credential-ecr-login",
              s -> s.proxy().access(),
              ANONYMOUS,
              new Access.HelperProgram("ecr-login", HELPERS)),
          duration(
              "proxy.exec.lifetime", helpers(Access.Helpers::lifetime), Duration.ofHours(1), EXEC),
          duration(
              "proxy.exec.timeout", helpers(Access.Helpers::timeout), Duration.ofSeconds(30), EXEC),
          new Case(
              "proxy.exec.path",
              "/opt/a b, /usr/local/bin",
              helpers(Access.Helpers::folders),
              List.of(),
              List.of(Path.of("/opt/a b"), Path.of("/usr/local/bin")),
              EXEC),
          new Case(
              "proxy.anonymousfallback", "true", s -> s.proxy().anonymousFallback(), false, true),
          duration("proxy.ttl", s -> s.proxy().ttl(), Duration.ofDays(7)),
          new Case(
              "proxy.expire",
              "after-fetch",
              s -> s.proxy().expire(),
              Expire.AFTER_USE,
              Expire.AFTER_FETCH),
          duration("proxy.revalidate", s -> s.proxy().tags().revalidate(), Duration.ZERO),
          new Case(
              "proxy.realms",
              "https://a.example, http://localhost:5001",
              s -> s.proxy().realms(),
              List.of(URI.create("https://auth.docker.io")),
              List.of(URI.create("https://a.example"), URI.create("http://localhost:5001"))),
          new Case("proxy.keepdeleted", "true", s -> s.proxy().tags().keepDeleted(), false, true),
          duration("proxy.deadline", s -> s.proxy().deadline(), Duration.ofSeconds(5)),
          duration("proxy.connecttimeout", s -> s.proxy().connectTimeout(), Duration.ofSeconds(5)),
          duration(
              "proxy.responsetimeout", s -> s.proxy().responseTimeout(), Duration.ofSeconds(30)),
          duration("proxy.idletimeout", s -> s.proxy().idleTimeout(), Duration.ofSeconds(30)),
          new Case("proxy.maxfills", "56", s -> s.maxFills(), 32, 56),
          new Case("proxy.maxconnections", "40", s -> s.proxy().maxConnections(), 64, 40),
          new Case(
              "outbound.host",
              "Proxy.example",
              s -> s.proxy().outbound().map(Settings.Outbound::host),
              Optional.empty(),
              Optional.of("proxy.example"),
              "outbound.port: 3128\n"),
          new Case(
              "outbound.port",
              "65535",
              s -> s.proxy().outbound().map(Settings.Outbound::port),
              Optional.empty(),
              Optional.of(65535),
              "outbound.host: p.example\n"),
          new Case(
              "outbound.username",
              "me",
              s -> s.proxy().outbound().flatMap(Settings.Outbound::login).map(Login::username),
              Optional.empty(),
              Optional.of("me"),
              OUTBOUND + "outbound.password: x\n"),
          new Case(
              "outbound.password",
              "pass",
              s -> s.proxy().outbound().flatMap(Settings.Outbound::login).map(Login::password),
              Optional.empty(),
              Optional.of(Secret.of("pass")),
              OUTBOUND + "outbound.username: x\n"),
          new Case(
              "outbound.noproxy",
              "Localhost,.example.org, *",
              s -> s.proxy().outbound().map(Settings.Outbound::noProxy),
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
              new Settings.Resource("jdbc/entrepot", false),
              new Settings.Resource("jdbc/other", true)),
          new Case(
              "threadfactory",
              "concurrent/mine",
              Settings::threadFactory,
              new Settings.Resource("java:comp/DefaultManagedThreadFactory", false),
              new Settings.Resource("concurrent/mine", true)));

  @TempDir Path folder;

  private static Case duration(String key, Function<Settings, Object> read, Duration byDefault) {
    return new Case(key, "1m30s", read, byDefault, Duration.ofSeconds(90));
  }

  private static Case duration(
      String key, Function<Settings, Object> read, Duration byDefault, String beside) {
    return new Case(key, "1m30s", read, byDefault, Duration.ofSeconds(90), beside);
  }

  private static Function<Settings, Object> helpers(Function<Access.Helpers, Object> read) {
    return settings ->
        read.apply(
            settings.proxy().access() instanceof Access.HelperProgram helper
                ? helper.helpers()
                : HELPERS);
  }

  static Stream<Case> cases() {
    return Stream.concat(CASES.stream(), TlsCases.all().stream());
  }

  static Stream<Arguments> casesBySource() {
    return cases()
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
