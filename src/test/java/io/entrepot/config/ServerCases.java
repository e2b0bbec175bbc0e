package io.entrepot.config;

import io.entrepot.catalog.Pin;
import io.entrepot.oci.Cidr;
import io.entrepot.oci.NamePattern;
import io.entrepot.upstream.wire.OutboundProxy;
import java.net.PasswordAuthentication;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * The cases of {@link SettingsFromSourcesTest} for all settings that do not belong to an upstream.
 */
final class ServerCases {
  private static final String OUTBOUND = "outbound.host: p.example\noutbound.port: 3128\n";

  static final List<SettingCase> ALL =
      List.of(
          new SettingCase(
              "http.addr",
              ":8080",
              s -> s.http().address(),
              new Address("127.0.0.1", 5000),
              new Address("", 8080)),
          new SettingCase(
              "http.adminaddr",
              "[::1]:9000",
              s -> s.http().admin(),
              Optional.empty(),
              Optional.of(new Settings.Admin(Optional.of(new Address("::1", 9000)), 9000))),
          new SettingCase(
              "http.adminport",
              "9000",
              s -> s.http().admin(),
              Optional.empty(),
              Optional.of(new Settings.Admin(Optional.empty(), 9000))),
          new SettingCase(
              "log.format",
              "json",
              s -> s.resources().log().format(),
              Settings.Log.Format.TEXT,
              Settings.Log.Format.JSON),
          new SettingCase(
              "log.level",
              "debug",
              s -> s.resources().log().level(),
              Settings.Log.Level.INFO,
              Settings.Log.Level.DEBUG),
          new SettingCase(
              "http.host",
              "https://hub.example/",
              s -> s.http().host(),
              Optional.empty(),
              Optional.of(URI.create("https://hub.example"))),
          new SettingCase(
              "http.trustedproxies",
              "10.0.0.0/8, ::1",
              s -> s.http().trustedProxies(),
              List.of(),
              List.of(Cidr.parse("10.0.0.0/8"), Cidr.parse("::1/128"))),
          SettingCase.duration(
              "http.draintimeout", s -> s.http().drainTimeout(), Duration.ofSeconds(10)),
          new SettingCase(
              "http.hsts", "365d", s -> s.http().hsts(), Duration.ZERO, Duration.ofDays(365)),
          new SettingCase(
              "http.minrate", "64KiB", s -> s.http().clients().minRate(), 1024L, 65_536L),
          SettingCase.duration(
              "http.patience", s -> s.http().clients().patience(), Duration.ofSeconds(60)),
          new SettingCase(
              "http.maxperclient",
              "50",
              s -> s.http().clients().maxRequests(),
              Optional.empty(),
              Optional.of(50)),
          new SettingCase(
              "expiry.pins",
              "library/*:v?, team/app",
              s -> s.expiry().pins(),
              List.of(),
              List.of(
                  new Pin(new NamePattern("docker.io/library/*"), new NamePattern("v?")),
                  new Pin(new NamePattern("docker.io/team/app"), new NamePattern("*")))),
          new SettingCase(
              "prefetch",
              "0,30 3 * * 1-5 team/*:v? linux/arm64 referrers, 0 3 1 * * library/alpine:3",
              s ->
                  s.upstreams().prefetches().stream()
                      .map(
                          plan ->
                              plan.text()
                                  + " = "
                                  + plan.images()
                                  + plan.platforms()
                                  + plan.referrers())
                      .toList(),
              List.of(),
              List.of(
                  "0,30 3 * * 1-5 team/*:v? linux/arm64 referrers ="
                      + " [docker.io/team/*:v?][linux/arm64]true",
                  "0 3 1 * * library/alpine:3 = [docker.io/library/alpine:3][]false")),
          new SettingCase(
              "limits.maxrequests", "33", s -> s.upstreams().limits().requests(), 0, 33),
          new SettingCase(
              "limits.bandwidth",
              "1MiB",
              s -> s.upstreams().limits().bytesPerSecond(),
              0L,
              1L << 20),
          new SettingCase(
              "upstreams.names",
              "ghcr.io, quay.io",
              s -> s.upstreams().others().stream().map(u -> u.names().name()).toList(),
              List.of(),
              List.of("ghcr.io", "quay.io")),
          new SettingCase(
              "outbound.host",
              "Proxy.example",
              s -> Optional.ofNullable(s.proxy().wire().proxy()).map(OutboundProxy::host),
              Optional.empty(),
              Optional.of("proxy.example"),
              "outbound.port: 3128\n"),
          new SettingCase(
              "outbound.port",
              "65535",
              s -> Optional.ofNullable(s.proxy().wire().proxy()).map(OutboundProxy::port),
              Optional.empty(),
              Optional.of(65535),
              "outbound.host: p.example\n"),
          new SettingCase(
              "outbound.username",
              "me",
              s ->
                  Optional.ofNullable(s.proxy().wire().proxy())
                      .map(OutboundProxy::login)
                      .map(PasswordAuthentication::getUserName),
              Optional.empty(),
              Optional.of("me"),
              OUTBOUND + "outbound.password: x\n"),
          new SettingCase(
              "outbound.password",
              "pass",
              s ->
                  Optional.ofNullable(s.proxy().wire().proxy())
                      .map(OutboundProxy::login)
                      .map(login -> String.valueOf(login.getPassword())),
              Optional.empty(),
              Optional.of("pass"),
              OUTBOUND + "outbound.username: x\n"),
          new SettingCase(
              "outbound.noproxy",
              "Localhost,.example.org, *",
              s -> Optional.ofNullable(s.proxy().wire().proxy()).map(OutboundProxy::exceptions),
              Optional.empty(),
              Optional.of(List.of("localhost", ".example.org", "*")),
              OUTBOUND),
          new SettingCase(
              "storage.filesystem.rootdirectory",
              "/no/such/./x/../folder",
              s -> s.storage().rootDirectory(),
              Path.of("/home/me/.entrepot"),
              Path.of("/no/such/folder")),
          new SettingCase(
              "storage.reserve",
              "200MiB",
              s -> s.storage().space().reserve(),
              1L << 30,
              200L << 20),
          new SettingCase(
              "storage.quota", "200GiB", s -> s.storage().space().quota().bytes(), 0L, 200L << 30),
          new SettingCase(
              "storage.lowwater", "75", s -> s.storage().space().quota().lowWater(), 90, 75),
          new SettingCase("storage.resumable", "false", s -> s.storage().resumable(), true, false),
          SettingCase.duration(
              "storage.unlinkgrace", s -> s.storage().unlinkGrace(), Duration.ofMinutes(1)),
          SettingCase.duration(
              "storage.verifyafter", s -> s.storage().verifyAfter(), Duration.ofDays(30)),
          new SettingCase(
              "storage.scrubrate", "1MiB", s -> s.storage().scrubRate(), 20L << 20, 1L << 20),
          new SettingCase("expiry.maxpersecond", "1", s -> s.expiry().maxPerSecond(), 200, 1),
          new SettingCase(
              "import.dir",
              "src/test/../main",
              s -> s.storage().importDirectory(),
              Optional.empty(),
              Optional.of(Path.of("src/main").toAbsolutePath())),
          new SettingCase(
              "auth.htpasswd.path",
              "pom.xml",
              s -> s.protection().flatMap(p -> p.passwords().htpasswd()),
              Optional.empty(),
              Optional.of(Path.of("pom.xml").toAbsolutePath())),
          new SettingCase(
              "auth.htpasswd.realm",
              "My registry",
              s -> s.protection().map(Protection::realm),
              Optional.empty(),
              Optional.of("My registry"),
              "auth.htpasswd.path: pom.xml\n"),
          new SettingCase(
              "auth.container",
              "true",
              s -> s.protection().map(p -> p.passwords().container()),
              Optional.empty(),
              Optional.of(true)),
          new SettingCase(
              "auth.tokenlifetime",
              "1m30s",
              s -> s.protection().map(p -> p.tokens().lifetime()),
              Optional.empty(),
              Optional.of(Duration.ofSeconds(90))),
          new SettingCase(
              "auth.lenient",
              "true",
              s -> s.protection().map(p -> p.tokens().lenient()),
              Optional.empty(),
              Optional.of(true)),
          new SettingCase(
              "access",
              "anonymous pull,view library/*, address:10.0.0.0/8 pull **",
              s -> s.protection().map(p -> p.rules().rules().stream().map(r -> r.text()).toList()),
              Optional.empty(),
              Optional.of(List.of("anonymous pull,view library/*", "address:10.0.0.0/8 pull **"))),
          new SettingCase(
              "accessfile",
              "pom.xml",
              s -> s.protection().flatMap(Protection::ruleFile),
              Optional.empty(),
              Optional.of(Path.of("pom.xml").toAbsolutePath())),
          new SettingCase(
              "datasource",
              "jdbc/other",
              s -> s.resources().database(),
              new Settings.Resource("jdbc/entrepot", false),
              new Settings.Resource("jdbc/other", true)),
          new SettingCase(
              "threadfactory",
              "concurrent/mine",
              s -> s.resources().threadFactory(),
              new Settings.Resource("java:comp/DefaultManagedThreadFactory", false),
              new Settings.Resource("concurrent/mine", true)));

  private ServerCases() {}
}
