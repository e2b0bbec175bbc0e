package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.oci.NamePattern;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.Names;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.wire.OutboundProxy;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The settings of upstreams other than the default one, and values that two upstreams must not
 * share.
 */
class UpstreamReaderTest {
  @TempDir Path folder;

  private Settings read(String yaml) {
    return new GivenSources().file(folder, yaml).read();
  }

  private List<String> problems(String yaml) {
    return problems(new GivenSources().file(folder, yaml));
  }

  private static List<String> problems(GivenSources sources) {
    List<String> problems = new java.util.ArrayList<>();
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(sources::read)
        .satisfies(e -> problems.addAll(e.problems()));
    return problems;
  }

  private static Settings.Upstream only(Settings settings) {
    assertThat(settings.upstreams().others()).hasSize(1);
    return settings.upstreams().others().get(0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ghcr.io",
        "quay.io",
        "registry.k8s.io",
        "gcr.io",
        "mcr.microsoft.com",
        "public.ecr.aws"
      })
  void wellKnownRegistryNeedsOnlyItsName(String name) {
    Settings.Upstream upstream = only(read("upstreams: {" + name + ": }"));
    assertThat(upstream.url()).isEqualTo(URI.create("https://" + name));
    assertThat(upstream.names()).isEqualTo(new Names(name, Set.of(name), Set.of(), false));
    assertThat(upstream.login().realms()).isEmpty();
    assertThat(upstream.key()).isEqualTo("upstreams." + name + ".");
  }

  @Test
  void dockerHubBesideAnotherDefaultNeedsOnlyItsName() {
    Settings.Upstream hub =
        only(read("proxy: {remoteurl: 'https://r.example'}\nupstreams: {docker.io: }"));
    assertThat(hub.url()).isEqualTo(URI.create("https://registry-1.docker.io"));
    assertThat(hub.login().realms()).containsExactly(TrustedRealm.parse("https://auth.docker.io"));
    assertThat(hub.names().dockerHub()).isTrue();
    assertThat(hub.names().namespaces()).contains("docker.io", "index.docker.io");
  }

  @Test
  void upstreamHasSettingsOfItsOwn() {
    Settings.Upstream lab =
        only(
            read(
                """
                upstreams:
                  lab:
                    url: https://10.0.0.7:5000
                    mirrors: [https://10.0.0.8:5000]
                    hosts: [lab.cache.example]
                    username: me
                    password: secret
                    ttl: 24h
                    expire: after-fetch
                    revalidate: 5m
                    deadline: 2s
                    realms: [https://auth.example]
                    outbound: {host: p.example, port: 3128}
                """));
    assertThat(lab.url()).isEqualTo(URI.create("https://10.0.0.7:5000"));
    assertThat(lab.servers().mirrors()).containsExactly(URI.create("https://10.0.0.8:5000"));
    assertThat(lab.names())
        .isEqualTo(
            new Names("lab", Set.of("lab", "10.0.0.7:5000"), Set.of("lab.cache.example"), false));
    assertThat(lab.login().access())
        .isEqualTo(new Access.Password(new Login("me", Secret.of("secret"))));
    assertThat(lab.rules().expiry().ttl()).isEqualTo(Duration.ofDays(1));
    assertThat(lab.rules().expiry().basis()).isEqualTo(ExpiryPolicy.Basis.AFTER_FETCH);
    assertThat(lab.rules().freshness().revalidate()).isEqualTo(Duration.ofMinutes(5));
    assertThat(lab.rules().deadline()).isEqualTo(Duration.ofSeconds(2));
    assertThat(lab.login().realms()).containsExactly(TrustedRealm.parse("https://auth.example"));
    assertThat(lab.wire().proxy()).isEqualTo(new OutboundProxy("p.example", 3128, null, List.of()));
  }

  @Test
  void missingSettingsAreThoseOfTheDefaultUpstreamExceptUrlAndCredentials() {
    Settings settings =
        read(
            """
            proxy: {username: me, password: secret, ttl: 24h, mirrors: [https://m.example],
                    hosts: [cache.example], realms: [https://auth.example]}
            outbound: {host: p.example, port: 3128}
            upstreams: {ghcr.io: {revalidate: 1m}}
            """);
    Settings.Upstream ghcr = only(settings);
    assertThat(ghcr.rules().expiry().ttl()).isEqualTo(Duration.ofDays(1));
    assertThat(ghcr.wire().proxy()).isEqualTo(settings.proxy().wire().proxy()).isNotNull();
    assertThat(ghcr.login().access()).isEqualTo(new Access.Anonymous());
    assertThat(ghcr.servers().mirrors()).isEmpty();
    assertThat(ghcr.login().realms()).isEmpty();
    assertThat(ghcr.names().hosts()).isEmpty();
  }

  @Test
  void settingsOfUpstreamsAreReadFromEverySource() {
    Settings settings =
        new GivenSources()
            .environment("ENTREPOT_UPSTREAMS_NAMES", "ghcr.io,quay.io, gcr.io")
            .environment("ENTREPOT_UPSTREAMS_GHCR_IO_TTL", "1h")
            .property("entrepot.upstreams.quay.io.ttl", "2h")
            .bind("java:comp/env/entrepot/upstreams/gcr/io/ttl", "3h")
            .read();
    assertThat(settings.upstreams().others())
        .extracting(upstream -> upstream.rules().expiry().ttl())
        .containsExactly(Duration.ofHours(1), Duration.ofHours(2), Duration.ofHours(3));
  }

  @Test
  void defaultUpstreamIsNamedAfterItsHost() {
    assertThat(read("proxy: {remoteurl: 'https://r.example:5000'}").proxy().names())
        .isEqualTo(new Names("r.example", Set.of("r.example", "r.example:5000"), Set.of(), false));
    assertThat(read("proxy: {remoteurl: 'http://[::1]:5000'}").proxy().names().name())
        .isEqualTo("default");
  }

  @Test
  void upstreamWithAPathIsAPartOfItsHost() {
    Settings settings =
        read(
            """
            proxy: {remoteurl: 'https://Harbor.example./main'}
            upstreams:
              a: {url: 'https://harbor.example/proxy-cache/', mirrors: ['https://m.example/x/y']}
              b: {url: 'https://harbor.example/team/deep'}
              c: {url: 'https://harbor.example'}
            """);
    assertThat(settings.proxy().names())
        .isEqualTo(
            new Names(
                "harbor.example-main",
                Set.of("harbor.example-main"),
                Set.of(),
                false,
                Optional.of(new Names.Part("harbor.example", RepositoryName.of("main")))));
    assertThat(settings.upstreams().others())
        .extracting(upstream -> upstream.url() + " " + upstream.names().part())
        .containsExactlyInAnyOrder(
            "https://harbor.example/proxy-cache Optional[Part[registry=harbor.example, path=proxy-cache]]",
            "https://harbor.example/team/deep Optional[Part[registry=harbor.example, path=team/deep]]",
            "https://harbor.example Optional.empty");
    assertThat(settings.upstreams().others().get(0).servers().mirrors())
        .containsExactly(URI.create("https://m.example/x/y"));
  }

  /** Docker Hub behind another registry still has no repository without a slash. */
  @Test
  void upstreamNamedDockerHubIsDockerHubWhereverItIs() {
    Names names =
        only(read(
                """
                    proxy: {remoteurl: 'https://r.example'}
                    upstreams: {docker.io: {url: 'https://harbor.example/hub'}}
                    """))
            .names();
    assertThat(names.dockerHub()).isTrue();
    assertThat(names.namespaces()).contains("docker.io", "registry-1.docker.io");
    assertThat(read("proxy: {remoteurl: 'https://r.example', name: docker.io}").proxy().names())
        .extracting(Names::dockerHub)
        .isEqualTo(true);
  }

  @Test
  void patternWithANameThatCouldBeginARepositoryIsMeantAsItIs() {
    Settings settings =
        read("upstreams: {lab: {url: 'https://l.example', allow: ['lab/app', 'x/*']}}");
    assertThat(only(settings).rules().admission().allow())
        .containsExactly(new NamePattern("lab/app"), new NamePattern("x/*"));
    assertThat(settings.warnings())
        .containsExactly(
            "upstreams.lab.allow: lab/app means repositories that have lab/ in their names at the"
                + " upstream; for all others leave it out");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upstreams: {a: {url: 'https://x.example'}, b: {url: 'https://x.example'}} | upstreams.b | upstreams.a | b",
        "upstreams: {a: {url: 'https://x.example'}, x.example: } | upstreams.a | upstreams.x.example | a",
        "upstreams: {a: {url: 'https://registry-1.docker.io'}} | upstreams.a | proxy | a",
        "{proxy: {name: acme}, upstreams: {docker.io: {url: 'https://index.docker.io'}}} | proxy | upstreams.docker.io | acme",
      })
  void saysWhichOfTwoUpstreamsThatAreOneRegistryItsHostMeans(
      String yaml, String other, String first, String name) {
    assertThat(read(yaml).warnings())
        .containsExactly(
            "%s.* is the same registry as %s.*, which its host means; %s is chosen by this name: in"
                    .formatted(other, first, name)
                + " ns=, in front of the path, or by a host of its own");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "upstreams: {docker.io: } | upstreams.docker.io.*: two upstreams have the name docker.io: the other one is proxy.*; give them different ones",
        "upstreams: {x.example: {url: 'https://y.example'}, a: {url: 'https://x.example'}} | upstreams.a.*: two upstreams have the name x.example: the other one is upstreams.x.example.*; give them different ones",
        "upstreams: {a: {url: 'https://x.example/p'}, b: {url: 'https://x.example/p/'}} | upstreams.b.*: two upstreams have the URL x.example/p: the other one is upstreams.a.*; give them different ones",
        "upstreams: {x.example: {url: 'https://x.example/p'}} | upstreams.x.example.url: with a path the upstream is only a part of x.example; give it another name than the host",
        "upstreams: {x.example: {url: 'https://y.example'}, b: {url: 'https://x.example/p'}} | upstreams.b.*: x.example is the host of its URL and the name of another registry: see upstreams.x.example.*",
        "upstreams: {a.b: {hosts: [h]}, b.c: {hosts: [H]}} | upstreams.b.c.*: two upstreams have the host h: the other one is upstreams.a.b.*; give them different ones",
        "upstreams: {lab: } | upstreams.lab.url: it is missing, and the upstream's name is not a host name; expected http or https URL of a registry",
        "upstreams: {'a/b': {url: 'https://x.example'}} | upstreams.a/b: config.yml line 1: expected a name such as ghcr.io (lower case, no scheme, no port, no path)",
        "upstreams: {a.b: {deny: ['UPPER/*']}} | upstreams.a.b.deny: config.yml line 1 is \"UPPER/*\"; expected list of repositories, with * and ? (no repository name can match it; * and ? stand for characters, as in library/*)",
        "upstreams: {a.b: {tags: ['v*']}} | upstreams.a.b.tags: config.yml line 1 is \"v*\"; expected list of tags=duration or tags=immutable (such as latest=1m)",
        "proxy: {allow: ['ghcr.io/x/*']} | proxy.allow: config.yml line 1 is \"ghcr.io/x/*\"; expected list of repositories, with * and ? (no repository of Docker Hub begins with the name of a host)",
        "expiry: {pins: ['ghcr.io/x:1']} | expiry.pins: config.yml line 1 is \"ghcr.io/x:1\"; expected list of up to 100 repositories or repositories:tags (no repository of Docker Hub begins with the name of a host)",
        "upstreams: {names: [quay.io, quay.io]} | upstreams.names: config.yml line 1 is \"quay.io,quay.io\"; expected list of names such as ghcr.io (two upstreams have the same name)",
        "upstreams: {a.b: {tll: 1h}} | upstreams.a.b.tll: config.yml line 1: unknown setting; did you mean upstreams.a.b.ttl?",
      })
  void reports(String yaml, String problem) {
    assertThat(problems(yaml)).map(text -> text.replace(folder + "/", "")).contains(problem);
  }

  @Test
  void pauseLongerThanItsMaximumIsReportedAtItsSetting() {
    assertThat(problems("upstreams: {ghcr.io: {breaker: {rest: 2m, maxrest: 1m}}}"))
        .containsExactly(
            "upstreams.ghcr.io.breaker.maxrest: "
                + folder
                + "/config.yml line 1 is \"1m\"; expected duration"
                + " 100ms..1d (at least as long as upstreams.ghcr.io.breaker.rest, by "
                + folder
                + "/config.yml line 1)");
  }

  @Test
  void longestPauseThatNobodySetsIsAtLeastTheFirst() {
    Settings.Upstream upstream = only(read("upstreams: {ghcr.io: {breaker: {rest: 2m}}}"));

    assertThat(upstream.restraint().firstRest()).isEqualTo(Duration.ofMinutes(2));
    assertThat(upstream.restraint().maxRest()).isEqualTo(Duration.ofMinutes(2));
  }

  @Test
  void mirrorWithThePathOfTheApiIsReported() {
    assertThat(problems("upstreams: {ghcr.io: {mirrors: ['https://m.example/v2']}}"))
        .singleElement()
        .asString()
        .startsWith("upstreams.ghcr.io.mirrors: ")
        .endsWith("(leave /v2 out: it is added where it belongs)");
  }

  /** If a name is listed twice, the settings of the upstream are not reported as unknown too. */
  @Test
  void allInvalidSettingsAreReportedInOneError() {
    GivenSources sources =
        new GivenSources()
            .environment("ENTREPOT_UPSTREAMS_NAMES", "lab,lab")
            .environment("ENTREPOT_UPSTREAMS_LAB_URL", "https://lab.example")
            .environment("ENTREPOT_UPSTREAMS_LAB_MIRRORS", "https://m.example/v2")
            .environment("ENTREPOT_PROXY_DENY", "ghcr.io/evil/*");
    assertThat(problems(sources))
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).startsWith("upstreams.names: ").endsWith("have the same name)"),
            p -> assertThat(p).startsWith("upstreams.lab.mirrors: ").endsWith("where it belongs)"),
            p -> assertThat(p).startsWith("proxy.deny: ").endsWith("the name of a host)"));
  }

  @Test
  void everythingWrongIsReportedAtOnceAndOnce() {
    assertThat(
            problems(
                """
                proxy: {ttl: soon}
                upstreams:
                  ghcr.io: {url: 'ftp://x'}
                  quay.io: {deadline: 2h}
                  lab: {}
                """))
        .satisfiesExactlyInAnyOrder(
            p -> assertThat(p).startsWith("proxy.ttl: ").contains("line 1 is \"soon\""),
            p -> assertThat(p).startsWith("upstreams.ghcr.io.url: ").contains("\"ftp://x\""),
            p -> assertThat(p).startsWith("upstreams.quay.io.deadline: ").contains("1ms..1h"),
            p -> assertThat(p).startsWith("upstreams.lab.url: it is missing"));
  }

  @Test
  void capThatBlobsAloneCanUseUpIsWarnedOf() {
    Settings narrow =
        read(
            """
            proxy: {maxrequests: 4, maxfills: 4}
            limits: {maxrequests: 3}
            upstreams: {lab: {url: "http://127.0.0.1:5000", maxrequests: 2}, ghcr.io: }
            """);
    assertThat(narrow.warnings())
        .satisfiesExactlyInAnyOrder(
            w -> assertThat(w).startsWith("proxy.maxrequests is 4, not more than proxy.maxfills"),
            w -> assertThat(w).startsWith("upstreams.lab.maxrequests is 2, not more than"),
            w -> assertThat(w).startsWith("limits.maxrequests is 3, not more than"));
    Settings wide = read("proxy: {maxrequests: 5, maxfills: 4}\nlimits: {maxrequests: 5}\n");
    assertThat(wide.warnings()).isEmpty();
  }
}
