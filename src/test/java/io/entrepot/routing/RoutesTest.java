package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.entrepot.oci.NamePattern;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Routes.Destination;
import io.entrepot.routing.Routes.Route;
import io.entrepot.routing.Routes.Way;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RoutesTest {
  private static final Destination HUB =
      new Destination(
          "docker.io",
          Set.of("docker.io", "registry-1.docker.io"),
          Set.of("docker.cache.example"),
          true,
          Admission.ALL);
  private static final Destination GHCR =
      new Destination(
          "ghcr.io",
          Set.of("ghcr.io"),
          Set.of("ghcr.cache.example"),
          false,
          new Admission(List.of(), List.of(new NamePattern("evil/*"))));
  private static final Destination LAB =
      new Destination("lab", Set.of("lab", "localhost:5000"), Set.of(), false, Admission.ALL);

  private final Routes routes = new Routes(HUB, List.of(GHCR, LAB));

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
    Route route = routes.route(RepositoryName.of(asked), namespace, host);
    assertThat(route.repository()).isEqualTo(RepositoryName.of(repository));
    assertThat(route.upstream()).isEqualTo(upstream);
    assertThat(route.way()).isEqualTo(way);
  }

  @Test
  void theUpstreamIsAskedForTheNameThatItKnows() {
    Route route = routes.route(RepositoryName.of("ghcr.io/owner/image"), null, null);
    assertThat(route.remote()).isEqualTo(RepositoryName.of("owner/image"));
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
    Routes lab = new Routes(LAB, List.of(GHCR));
    RepositoryName asked = RepositoryName.of("my.org/image");
    assertThat(lab.route(asked, null, null)).isEqualTo(new Route(asked, asked, "lab", Way.DEFAULT));
  }

  /** Its name here would be one of the other upstream's, and so would be the right to it (S5). */
  @Test
  void repositoryOfTheDefaultThatBeginsLikeAnotherUpstreamIsUnknown() {
    Routes lab = new Routes(LAB, List.of(GHCR));
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> lab.route(RepositoryName.of("ghcr.io/owner/image"), "lab", null));
  }

  @ParameterizedTest
  @CsvSource({"ghcr.io/evil/image,", "evil/image, ghcr.io"})
  void repositoryOnTheDenyListIsDeniedHoweverItIsNamed(String asked, @Nullable String namespace) {
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> routes.route(RepositoryName.of(asked), namespace, null))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.DENIED))
        .withMessageContaining("evil/image of ghcr.io")
        .withMessageContaining("evil/*");
    assertThat(routes.route(RepositoryName.of("evil/image"), null, null).upstream())
        .isEqualTo("docker.io");
  }

  @Test
  void allowListAdmitsOnlyWhatItHasAndDenyIsStronger() {
    Admission admission =
        new Admission(List.of(new NamePattern("team/*")), List.of(new NamePattern("*/secret")));
    admission.check("lab", RepositoryName.of("team/app"));
    for (String refused : List.of("other/app", "team/secret")) {
      assertThatExceptionOfType(OciException.class)
          .isThrownBy(() -> admission.check("lab", RepositoryName.of(refused)))
          .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.DENIED));
    }
  }

  @Test
  void nameThatBecomesTooLongIsInvalid() {
    RepositoryName longest = RepositoryName.of("a".repeat(255));
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> routes.route(longest, "ghcr.io", null))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.NAME_INVALID));
  }

  private void assertUnknown(RepositoryName asked, @Nullable String namespace) {
    assertThatExceptionOfType(OciException.class)
        .isThrownBy(() -> routes.route(asked, namespace, null))
        .satisfies(e -> assertThat(e.error()).isEqualTo(OciError.NAME_UNKNOWN))
        .withMessageContaining("docker.io, ghcr.io, lab");
  }
}
