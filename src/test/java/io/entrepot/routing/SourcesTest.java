package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.oci.NamePattern;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Sources.Route;
import io.entrepot.routing.Sources.Way;
import io.entrepot.upstream.DockerHub;
import io.entrepot.upstream.Offline;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private static final ProxiedUpstream HUB =
      upstream(
          new Names("docker.io", DockerHub.HOSTS, Set.of("docker.cache.example"), true),
          Admission.ALL);
  private static final ProxiedUpstream GHCR =
      upstream(
          new Names("ghcr.io", Set.of("ghcr.io"), Set.of("ghcr.cache.example"), false),
          new Admission(List.of(), List.of(new NamePattern("evil/*"))));
  private static final ProxiedUpstream LAB =
      upstream(new Names("lab", Set.of("lab", "localhost:5000"), Set.of(), false), Admission.ALL);

  private final Sources sources = new Sources(HUB, List.of(GHCR, LAB));

  private static ProxiedUpstream upstream(Names names, Admission admission) {
    Rules all = TestSources.RULES;
    Rules rules =
        new Rules(admission, all.freshness(), all.blobs(), all.expiry(), 0, all.deadline());
    return TestSources.upstream(names, rules, new Offline(), Runnable::run);
  }

  /** Finds the route of a request that selects an upstream. */
  private static Route route(
      Sources sources, RepositoryName asked, @Nullable String namespace, @Nullable String host) {
    Route route = sources.trace(asked, namespace, host);
    route.source().checkAdmitted();
    return route;
  }

  @ParameterizedTest
  @CsvSource({
    "ubuntu,,, docker.io/library/ubuntu, DEFAULT",
    "library/ubuntu,,, docker.io/library/ubuntu, DEFAULT",
    "docker.io/ubuntu,,, docker.io/library/ubuntu, PATH",
    "index.docker.io/ubuntu,,, docker.io/library/ubuntu, PATH",
    "docker.io/team/app,,, docker.io/team/app, PATH",
    "ubuntu, docker.io,, docker.io/library/ubuntu, NAMESPACE",
    "team/app, registry-1.docker.io,, docker.io/team/app, NAMESPACE",
    "docker.io/team/app, index.docker.io,, docker.io/team/app, NAMESPACE",
    "ubuntu,, docker.cache.example, docker.io/library/ubuntu, HOST",
    "ubuntu,, docker.cache.example., docker.io/library/ubuntu, HOST",
    "ghcr.io/owner/image,,, ghcr.io/owner/image, PATH",
    "owner/image, ghcr.io,, ghcr.io/owner/image, NAMESPACE",
    "owner/image, GHCR.io,, ghcr.io/owner/image, NAMESPACE",
    "owner/image, ghcr.io.,, ghcr.io/owner/image, NAMESPACE",
    "owner/image, ghcr.io:443,, ghcr.io/owner/image, NAMESPACE",
    "owner/image, GHCR.IO.:443,, ghcr.io/owner/image, NAMESPACE",
    "owner/image, docker.io:443,, docker.io/owner/image, NAMESPACE",
    "ghcr.io/owner/image, ghcr.io,, ghcr.io/owner/image, NAMESPACE",
    "ghcr.io/owner/image, ghcr.io:443,, ghcr.io/owner/image, NAMESPACE",
    "owner/image,, Ghcr.Cache.Example, ghcr.io/owner/image, HOST",
    "image, localhost:5000,, lab/image, NAMESPACE",
    "lab/image,,, lab/image, PATH",
    "owner/image, ghcr.io, docker.cache.example, ghcr.io/owner/image, NAMESPACE",
    "owner/image,, unrelated.example, docker.io/owner/image, DEFAULT",
  })
  void eachRepositoryHasOneNameWhicheverWayTheClientPutIt(
      String asked, @Nullable String namespace, @Nullable String host, String repository, Way way) {
    Route route = route(sources, RepositoryName.of(asked), namespace, host);
    assertThat(route.source().repository()).isEqualTo(RepositoryName.of(repository));
    assertThat(route.source().upstream())
        .isEqualTo(repository.substring(0, repository.indexOf('/')));
    assertThat(route.way()).isEqualTo(way);
  }

  /**
   * The client has named the upstream by other means, so the path is nothing but the repository.
   */
  @ParameterizedTest
  @CsvSource({
    "lab/app, localhost:5000,, lab/lab/app",
    "lab/app, lab,, lab/lab/app",
    "lab, lab,, lab/lab",
    "ghcr.io/app, localhost:5000,, lab/ghcr.io/app",
    "ghcr.io/ghcr.io/app, ghcr.io,, ghcr.io/ghcr.io/app",
    "ghcr.io, ghcr.io,, ghcr.io/ghcr.io",
    "lab/app, docker.io,, docker.io/lab/app",
    "lab/app,, docker.cache.example, docker.io/lab/app",
    "ghcr.io/app,, ghcr.cache.example, ghcr.io/ghcr.io/app",
    "docker.io/lab/app,,, docker.io/lab/app",
    "docker.io/docker.io/app,,, docker.io/docker.io/app",
    "lab/lab/app,,, lab/lab/app",
    "lab,,, docker.io/library/lab",
  })
  void nameIsTakenOffOnceAndOnlyWhereItIsNoPartOfTheRepository(
      String asked, @Nullable String namespace, @Nullable String host, String repository) {
    assertThat(route(sources, RepositoryName.of(asked), namespace, host).source().repository())
        .isEqualTo(RepositoryName.of(repository));
  }

  /** BuildKit's {@code mirrors = ["cache/lab"]} sends the name of a registry that is not here. */
  @ParameterizedTest
  @CsvSource({
    "lab/app, quay.io,, lab/app, PATH",
    "docker.io/app, quay.io,, docker.io/library/app, PATH",
    "app, quay.io, ghcr.cache.example, ghcr.io/app, HOST",
    "lab/app, quay.io, ghcr.cache.example, ghcr.io/lab/app, HOST",
  })
  void namespaceThatIsNoUpstreamLeavesItToHostAndPath(
      String asked, String namespace, @Nullable String host, String repository, Way way) {
    Route route = route(sources, RepositoryName.of(asked), namespace, host);
    assertThat(route.source().repository()).isEqualTo(RepositoryName.of(repository));
    assertThat(route.way()).isEqualTo(way);
  }

  @Test
  void nameThatDoesNotLookLikeAHostIsNeverTakenOffForTheDefault() {
    Names names = new Names("acme", Set.of("acme", "acme.example"), Set.of(), false);
    Sources acme = new Sources(upstream(names, Admission.ALL), List.of(LAB));
    RepositoryName asked = RepositoryName.of("acme/app");
    for (String namespace : new String[] {null, "acme", "acme.example"}) {
      assertThat(route(acme, asked, namespace, null).source().remote()).isEqualTo(asked);
    }
  }

  @Test
  void theUpstreamIsAskedForTheNameThatItKnows() {
    Route route = route(sources, RepositoryName.of("ghcr.io/owner/image"), null, null);
    assertThat(route.source().remote()).isEqualTo(RepositoryName.of("owner/image"));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "quay.io",
        "",
        "ghcr.io.evil.example",
        "ghcr.io\r\nX: y",
        "169.254.1.1",
        ".",
        "ghcr.io:80",
        "ghcr.io:5000",
        "ghcr.io..",
        ":443",
        "localhost",
        "localhost:443",
        "[::1]:443"
      })
  void namespaceThatIsNoUpstreamIsUnknown(String namespace) {
    assertUnknown(RepositoryName.of("owner/image"), namespace);
  }

  @Test
  void hostOfNoUpstreamInThePathIsUnknownOnDockerHub() {
    assertUnknown(RepositoryName.of("quay.io/owner/image"), null);
  }

  @Test
  void otherUpstreamsMayHaveRepositoriesThatBeginLikeAHost() {
    Sources lab = new Sources(LAB, List.of(GHCR));
    RepositoryName asked = RepositoryName.of("my.org/image");
    assertThat(route(lab, asked, null, null))
        .isEqualTo(
            new Route(
                new UpstreamSource(LAB, lab, RepositoryName.of("lab/my.org/image"), asked),
                Way.DEFAULT));
  }

  @Test
  void repositoryOfTheDefaultThatBeginsLikeAnotherUpstreamIsStillReached() {
    Sources lab = new Sources(LAB, List.of(GHCR));
    RepositoryName asked = RepositoryName.of("ghcr.io/owner/image");
    Route byName = route(lab, asked, "lab", null);
    Route byPath = route(lab, asked, null, null);
    assertThat(byName.source().upstream()).isEqualTo("lab");
    assertThat(byName.source().remote()).isEqualTo(asked);
    assertThat(byPath.source().upstream()).isEqualTo("ghcr.io");
    assertThat(byName.source().repository()).isNotEqualTo(byPath.source().repository());
    assertThat(lab.hiddenBy(byPath))
        .hasValue(
            "In paths, ghcr.io/… mean other upstreams; repositories of lab with such names are"
                + " pulled with ns=lab");
    assertThat(lab.hiddenBy(byName)).isEmpty();
  }

  @Test
  void whatNamesHideIsToldInOneSentence() {
    assertThat(sources.hidden())
        .hasValue(
            "In paths, lab/… mean other upstreams; repositories of docker.io with such names are"
                + " pulled with ns=docker.io, or as docker.io/lab/…, or through the host"
                + " docker.cache.example");
    assertThat(new Sources(HUB, List.of(GHCR)).hidden()).isEmpty();
    assertThat(new Sources(HUB, List.of()).hidden()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io/library/ubuntu, library/ubuntu",
    "docker.io/lab/app, docker.io/lab/app",
    "docker.io/docker.io/app, docker.io/docker.io/app",
    "ghcr.io/owner/image, ghcr.io/owner/image",
    "lab/app, lab/app",
    "gone/app,",
  })
  void pathIsTheShortestByWhichARepositoryIsPulled(String repository, @Nullable String path) {
    assertThat(sources.pathOf(RepositoryName.of(repository)).map(RepositoryName::value))
        .isEqualTo(Optional.ofNullable(path));
  }

  /** An older version has kept repositories of the default upstream without its name in front. */
  @ParameterizedTest
  @CsvSource({
    "library/ubuntu, docker.io/library/ubuntu",
    "team/app, docker.io/team/app",
    "ghcr.io/owner/image, ghcr.io/owner/image",
    "gone.example/app, gone.example/app",
    "lab/app,",
    "lab, docker.io/lab",
  })
  void nameOfAnOlderVersionIsKeptWhereItIsClear(String older, @Nullable String repository) {
    assertThat(sources.successorOf(RepositoryName.of(older)).map(RepositoryName::value))
        .isEqualTo(Optional.ofNullable(repository));
  }

  @Test
  void upstreamThatWasAddedLaterGetsNothingThatTheDefaultHasStored() {
    Sources before = new Sources(GHCR, List.of());
    RepositoryName asked = RepositoryName.of("lab/app");
    RepositoryName stored = route(before, asked, null, null).source().repository();
    Sources after = new Sources(GHCR, List.of(LAB));
    assertThat(route(after, asked, null, null).source().repository()).isNotEqualTo(stored);
    assertThat(route(after, asked, "ghcr.io", null).source().repository()).isEqualTo(stored);
  }

  @ParameterizedTest
  @CsvSource({"ghcr.io/evil/image,", "evil/image, ghcr.io"})
  void repositoryOnTheDenyListIsDeniedHoweverItIsNamed(String asked, @Nullable String namespace) {
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> route(sources, RepositoryName.of(asked), namespace, null))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.DENIED))
        .withMessageContaining("evil/image of ghcr.io")
        .withMessageContaining("evil/*");
    assertThat(route(sources, RepositoryName.of("evil/image"), null, null).source().upstream())
        .isEqualTo("docker.io");
  }

  @Test
  void allowListAdmitsOnlyWhatItHasAndDenyIsStronger() {
    Admission admission =
        new Admission(List.of(new NamePattern("team/*")), List.of(new NamePattern("*/secret")));
    RepositoryName allowed = RepositoryName.of("team/app");
    ProxiedUpstream lab = upstream(TestSources.names("lab"), admission);
    TestSources.of(lab, allowed).checkAdmitted();
    for (String refused : List.of("other/app", "team/secret")) {
      RepositoryName name = RepositoryName.of(refused);
      assertThatExceptionOfType(OciException.class)
          .isThrownBy(() -> TestSources.of(lab, name).checkAdmitted())
          .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.DENIED));
    }
  }

  @Test
  void longestNameIsPulledFromEachUpstream() {
    RepositoryName longest = RepositoryName.of("a/".repeat(127) + "a");
    for (String namespace : List.of("ghcr.io", "docker.io")) {
      Source source = route(sources, longest, namespace, null).source();
      assertThat(source.remote()).isEqualTo(longest);
      assertThat(sources.of(source.repository())).hasValue(source);
    }
  }

  private void assertUnknown(RepositoryName asked, @Nullable String namespace) {
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> route(sources, asked, namespace, null))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.NAME_UNKNOWN))
        .withMessageContaining("docker.io, ghcr.io, lab");
  }

  @ParameterizedTest
  @CsvSource({
    "docker.io/library/ubuntu, docker.io, library/ubuntu",
    "ghcr.io/owner/image, ghcr.io, owner/image",
    "lab/image, lab, image",
    "docker.io/lab/image, docker.io, lab/image",
  })
  void nameThatARepositoryHasHereLeadsBackToItsSource(
      String repository, String upstream, String remote) {
    Source source = sources.of(RepositoryName.of(repository)).orElseThrow();
    assertThat(source.repository()).isEqualTo(RepositoryName.of(repository));
    assertThat(source.upstream()).isEqualTo(upstream);
    assertThat(source.remote()).isEqualTo(RepositoryName.of(remote));
  }

  @ParameterizedTest
  @ValueSource(strings = {"gone.example/app", "library/ubuntu", "lab"})
  void nameOfNoUpstreamHasNoSource(String repository) {
    assertThat(sources.of(RepositoryName.of(repository))).isEmpty();
  }

  /** Two upstreams can be the same registry, such as with two logins. */
  @ParameterizedTest
  @CsvSource({
    "lab/app,,, lab/app",
    "lab/app, x.example,, x.example/lab/app",
    "app, x.example,, x.example/app",
    "app, lab,, lab/app",
    "x.example/app,,, x.example/app",
    "x.example/app, lab,, lab/x.example/app",
    "app,, lab.cache.example, lab/app",
  })
  void hostOfTwoUpstreamsMeansTheOneThatIsCalledLikeIt(
      String asked, @Nullable String namespace, @Nullable String host, String found) {
    ProxiedUpstream named =
        upstream(new Names("x.example", Set.of("x.example"), Set.of(), false), Admission.ALL);
    ProxiedUpstream lab =
        upstream(
            new Names("lab", Set.of("lab", "x.example"), Set.of("lab.cache.example"), false),
            Admission.ALL);
    for (Sources both :
        List.of(
            new Sources(named, List.of(lab)),
            new Sources(GHCR, List.of(lab, named)),
            new Sources(GHCR, List.of(named, lab)))) {
      assertThat(route(both, RepositoryName.of(asked), namespace, host).source().repository())
          .isEqualTo(RepositoryName.of(found));
    }
  }
}
