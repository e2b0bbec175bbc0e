package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.oci.NamePattern;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Sources.Route;
import io.entrepot.routing.Sources.Way;
import io.entrepot.upstream.Offline;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourcesTest {
  private static final ProxiedUpstream HUB =
      upstream(
          new Names(
              "docker.io",
              Set.of("docker.io", "registry-1.docker.io"),
              Set.of("docker.cache.example"),
              true),
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
    Rules rules = new Rules(admission, all.freshness(), all.blobs(), all.expiry(), all.deadline());
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
    "ubuntu,,, library/ubuntu, docker.io, DEFAULT",
    "library/ubuntu,,, library/ubuntu, docker.io, DEFAULT",
    "docker.io/ubuntu,,, library/ubuntu, docker.io, PATH",
    "docker.io/team/app,,, team/app, docker.io, PATH",
    "ubuntu, docker.io,, library/ubuntu, docker.io, NAMESPACE",
    "team/app, registry-1.docker.io,, team/app, docker.io, NAMESPACE",
    "ubuntu,, docker.cache.example, library/ubuntu, docker.io, HOST",
    "ghcr.io/owner/image,,, ghcr.io/owner/image, ghcr.io, PATH",
    "owner/image, ghcr.io,, ghcr.io/owner/image, ghcr.io, NAMESPACE",
    "owner/image, GHCR.io,, ghcr.io/owner/image, ghcr.io, NAMESPACE",
    "ghcr.io/owner/image, ghcr.io,, ghcr.io/owner/image, ghcr.io, NAMESPACE",
    "owner/image,, Ghcr.Cache.Example, ghcr.io/owner/image, ghcr.io, HOST",
    "image, localhost:5000,, lab/image, lab, NAMESPACE",
    "lab/image,,, lab/image, lab, PATH",
    "lab,,, library/lab, docker.io, DEFAULT",
    "owner/image, ghcr.io, docker.cache.example, ghcr.io/owner/image, ghcr.io, NAMESPACE",
    "owner/image,, unrelated.example, owner/image, docker.io, DEFAULT",
  })
  void eachRepositoryHasOneNameWhicheverWayTheClientPutIt(
      String asked,
      @Nullable String namespace,
      @Nullable String host,
      String repository,
      String upstream,
      Way way) {
    Route route = route(sources, RepositoryName.of(asked), namespace, host);
    assertThat(route.source().repository()).isEqualTo(RepositoryName.of(repository));
    assertThat(route.source().upstream()).isEqualTo(upstream);
    assertThat(route.way()).isEqualTo(way);
  }

  @Test
  void theUpstreamIsAskedForTheNameThatItKnows() {
    Route route = route(sources, RepositoryName.of("ghcr.io/owner/image"), null, null);
    assertThat(route.source().remote()).isEqualTo(RepositoryName.of("owner/image"));
  }

  @ParameterizedTest
  @ValueSource(strings = {"quay.io", "", "ghcr.io.evil.example", "ghcr.io\r\nX: y", "169.254.1.1"})
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
        .isEqualTo(new Route(LAB.source(asked, asked), Way.DEFAULT));
  }

  /**
   * In this cache the repository would have the name, and so the permissions, of a repository of
   * the other upstream (S5).
   */
  @Test
  void repositoryOfTheDefaultThatBeginsLikeAnotherUpstreamIsUnknown() {
    Sources lab = new Sources(LAB, List.of(GHCR));
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> route(lab, RepositoryName.of("ghcr.io/owner/image"), "lab", null));
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
    lab.source(allowed, allowed).checkAdmitted();
    for (String refused : List.of("other/app", "team/secret")) {
      RepositoryName name = RepositoryName.of(refused);
      assertThatExceptionOfType(OciException.class)
          .isThrownBy(() -> lab.source(name, name).checkAdmitted())
          .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.DENIED));
    }
  }

  @Test
  void nameThatBecomesTooLongIsInvalid() {
    RepositoryName longest = RepositoryName.of("a".repeat(255));
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> route(sources, longest, "ghcr.io", null))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.NAME_INVALID));
  }

  private void assertUnknown(RepositoryName asked, @Nullable String namespace) {
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> route(sources, asked, namespace, null))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.NAME_UNKNOWN))
        .withMessageContaining("docker.io, ghcr.io, lab");
  }

  @ParameterizedTest
  @CsvSource({
    "library/ubuntu, docker.io, library/ubuntu",
    "ghcr.io/owner/image, ghcr.io, owner/image",
    "lab/image, lab, image",
    "lab, docker.io, lab",
    "docker.io/x, docker.io, docker.io/x",
  })
  void nameThatARepositoryHasHereLeadsBackToItsSource(
      String repository, String upstream, String remote) {
    Source source = sources.of(RepositoryName.of(repository));
    assertThat(source.repository()).isEqualTo(RepositoryName.of(repository));
    assertThat(source.upstream()).isEqualTo(upstream);
    assertThat(source.remote()).isEqualTo(RepositoryName.of(remote));
  }
}
