package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.entrepot.oci.ImageReference;
import io.entrepot.oci.NamePattern;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.DockerHub;
import io.entrepot.upstream.Offline;
import java.net.URI;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Rules judge the name that is asked at the upstream that is asked, in whichever way a client has
 * named both (S32). The default upstream has repositories whose names begin with the names of two
 * other upstreams, {@code lab} and {@code team}.
 */
class SourcesAdmissionTest {
  private static final Sources SOURCES =
      new Sources(
          upstream(
              new Names("docker.io", DockerHub.HOSTS, Set.of("hub.cache.example"), true),
              "https://registry-1.docker.io",
              rules("library/* team/*", "library/evil lab/*")),
          List.of(
              upstream(
                  new Names("lab", Set.of("lab", "localhost:5000"), Set.of("lab.cache"), false),
                  "http://localhost:5000",
                  rules("", "app evil/*")),
              upstream(
                  new Names("team", Set.of("team"), Set.of(), false),
                  "https://team.example",
                  rules("open/*", "")),
              upstream(
                  new Names(
                      "part",
                      Set.of("part"),
                      Set.of(),
                      false,
                      Optional.of(
                          new Names.Part("harbor.example", RepositoryName.of("proxy-cache")))),
                  "https://harbor.example/proxy-cache",
                  rules("", "secret proxy-cache/*"))));

  private static Admission rules(String allow, String deny) {
    return new Admission(patterns(allow), patterns(deny));
  }

  private static List<NamePattern> patterns(String text) {
    return Arrays.stream(text.split(" ", -1))
        .filter(word -> !word.isEmpty())
        .map(NamePattern::new)
        .toList();
  }

  private static ProxiedUpstream upstream(Names names, String url, Admission admission) {
    Rules all = TestSources.RULES;
    return new ProxiedUpstream(
        names,
        new Rules(admission, all.freshness(), all.blobs(), all.expiry(), 0, all.deadline()),
        new Offline(),
        new ProxiedUpstream.Workers(Runnable::run, Runnable::run),
        URI.create(url),
        () -> new UpstreamStatus(names.name(), false, List.of()));
  }

  @ParameterizedTest
  @CsvSource({
    // the default upstream's own repository, by all its names
    "evil,,, docker.io, library/evil, no",
    "library/evil,,, docker.io, library/evil, no",
    "docker.io/evil,,, docker.io, library/evil, no",
    "docker.io/library/evil,,, docker.io, library/evil, no",
    "index.docker.io/evil,,, docker.io, library/evil, no",
    "registry-1.docker.io/library/evil,,, docker.io, library/evil, no",
    "evil, docker.io,, docker.io, library/evil, no",
    "library/evil, DOCKER.IO.:443,, docker.io, library/evil, no",
    "docker.io/evil, registry-1.docker.io,, docker.io, library/evil, no",
    "evil,, hub.cache.example, docker.io, library/evil, no",
    "evil,, HUB.Cache.Example., docker.io, library/evil, no",
    "evil, unknown.example, hub.cache.example, docker.io, library/evil, no",
    "good,,, docker.io, library/good, yes",
    "other/app,,, docker.io, other/app, no",
    // a name of the default upstream that begins like another one
    "lab/good,,, lab, good, yes",
    "lab/good, unknown.example,, lab, good, yes",
    "lab/good, docker.io,, docker.io, lab/good, no",
    "lab/good,, hub.cache.example, docker.io, lab/good, no",
    "docker.io/lab/good,,, docker.io, lab/good, no",
    "docker.io/lab/good, index.docker.io,, docker.io, lab/good, no",
    "team/app,,, team, app, no",
    "team/app, docker.io,, docker.io, team/app, yes",
    "docker.io/team/app,,, docker.io, team/app, yes",
    "team/open/app,,, team, open/app, yes",
    "team/open/app, docker.io,, docker.io, team/open/app, yes",
    "team,,, docker.io, library/team, yes",
    // another upstream's repository, with and without its name in front
    "lab/app,,, lab, app, no",
    "app, lab,, lab, app, no",
    "app, LAB.,, lab, app, no",
    "app, localhost:5000,, lab, app, no",
    "app,, lab.cache, lab, app, no",
    "lab/app, lab,, lab, lab/app, yes",
    "lab/app,, lab.cache, lab, lab/app, yes",
    "lab/evil/app,,, lab, evil/app, no",
    "lab/lab/evil,,, lab, lab/evil, yes",
    "evil/app, lab, hub.cache.example, lab, evil/app, no",
    // an upstream that is a part of a registry
    "part/secret,,, part, secret, no",
    "proxy-cache/secret, harbor.example,, part, secret, no",
    "harbor.example/proxy-cache/secret, Harbor.Example:443,, part, secret, no",
    "proxy-cache/secret, part,, part, proxy-cache/secret, no",
    "proxy-cache/app, harbor.example,, part, app, yes",
  })
  void nameThatIsAskedUpstreamIsJudged(
      String asked,
      @Nullable String namespace,
      @Nullable String host,
      String upstream,
      String remote,
      String allowed) {
    Source source = SOURCES.trace(RepositoryName.of(asked), namespace, host).source();

    assertThat(source.upstream()).isEqualTo(upstream);
    assertThat(source.remote()).isEqualTo(RepositoryName.of(remote));
    assertThat(source.repository()).isEqualTo(RepositoryName.of(upstream + "/" + remote));
    if (allowed.equals("yes")) {
      assertThatNoException().isThrownBy(source::checkAdmitted);
    } else {
      assertThatExceptionOfType(OciException.class)
          .isThrownBy(source::checkAdmitted)
          .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.DENIED))
          .withMessageStartingWith(remote + " of " + upstream + " ");
    }
    // By the same name, a person means the same: explanations and evictions.
    assertThat(SOURCES.trace(ImageReference.parse(asked), namespace, host).source().repository())
        .isEqualTo(source.repository());
    assertThat(SOURCES.of(source.repository()).orElseThrow().refusal()).isEqualTo(source.refusal());
  }
}
