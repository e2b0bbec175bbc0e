package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.entrepot.catalog.Pin;
import io.entrepot.oci.NamePattern;
import io.entrepot.routing.Names;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Patterns are changed in the same way as the names in requests, so that they match. */
class CanonicalPatternsTest {
  private static final Names HUB = new Names("docker.io", Set.of("docker.io"), Set.of(), true);
  private static final Names GHCR = new Names("ghcr.io", Set.of("ghcr.io"), Set.of(), false);
  private static final Names LAB = new Names("lab", Set.of("lab"), Set.of(), false);

  @ParameterizedTest
  @CsvSource({
    "ubuntu, library/ubuntu",
    "docker.io/ubuntu, library/ubuntu",
    "registry-1.docker.io/ubuntu, library/ubuntu",
    "library/ubuntu, library/ubuntu",
    "docker.io/team/*, team/*",
    "ubuntu*, ubuntu* library/ubuntu*",
    "u?untu, u?untu library/u?untu",
    "*, *",
    "*untu, *untu",
    "*.io/x, *.io/x",
  })
  void patternOfDockerHubMeansWhatARequestOfThatNameDoes(String given, String canonical) {
    assertThat(CanonicalPatterns.of(new NamePattern(given), HUB).map(NamePattern::pattern).toList())
        .containsExactly(canonical.split(" "));
  }

  @ParameterizedTest
  @ValueSource(strings = {"acme/app", "acme/*", "acme", "*"})
  void nameThatDoesNotLookLikeAHostIsAPartOfThePattern(String given) {
    Names acme = new Names("acme", Set.of("acme"), Set.of(), false);
    assertThat(CanonicalPatterns.of(new NamePattern(given), acme))
        .containsExactly(new NamePattern(given));
  }

  @ParameterizedTest
  @CsvSource({"image, image", "ghcr.io/owner/*, owner/*", "my.org/x, my.org/x", "img*, img*"})
  void patternOfAnotherRegistryMayLeaveOutItsName(String given, String canonical) {
    assertThat(CanonicalPatterns.of(new NamePattern(given), GHCR))
        .containsExactly(new NamePattern(canonical));
  }

  @ParameterizedTest
  @ValueSource(strings = {"ghcr.io/x", "docker.io/ghcr.io/x", "a.b/*"})
  void patternOfNothingThatDockerHubHasIsRefused(String given) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CanonicalPatterns.of(new NamePattern(given), HUB))
        .withMessage("no repository of Docker Hub begins with the name of a host");
  }

  @ParameterizedTest
  @CsvSource({
    "ubuntu:22.04, docker.io/library/ubuntu:22.04",
    "docker.io/ubuntu, docker.io/library/ubuntu:*",
    "docker.io/lab/app, docker.io/lab/app:*",
    "ghcr.io/owner/base:v*, ghcr.io/owner/base:v*",
    "lab, docker.io/library/lab:*",
    "lab/lab/app, lab/lab/app:*",
    "*/base, */base:*",
    "team?/base, docker.io/team?/base:*",
    "l?b/app, docker.io/l?b/app:* lab/app:*",
    "l*app, docker.io/l*app:* docker.io/library/l*app:* lab/*app:*",
    "g*o/x, docker.io/g*o/x:* ghcr.io/*o/x:* ghcr.io/x:*",
  })
  void pinIsOfTheNameThatARepositoryHasHere(String given, String canonical) {
    CanonicalPatterns patterns = new CanonicalPatterns(HUB, List.of(GHCR, LAB));
    assertThat(patterns.of(Pin.parse(given)))
        .containsExactlyElementsOf(Stream.of(canonical.split(" ")).map(Pin::parse).toList());
  }

  @Test
  void pinOfDockerHubBesideAnotherDefaultIsBelowItsName() {
    CanonicalPatterns patterns = new CanonicalPatterns(LAB, List.of(HUB));
    assertThat(patterns.of(Pin.parse("docker.io/ubuntu:1")))
        .containsExactly(Pin.parse("docker.io/library/ubuntu:1"));
    assertThat(patterns.of(Pin.parse("lab/app"))).containsExactly(Pin.parse("lab/lab/app"));
    assertThat(patterns.of(Pin.parse("my.org/app"))).containsExactly(Pin.parse("lab/my.org/app"));
  }

  @Test
  void pinsThatAreTooManyWithDockerHubsShortNamesAreReported() {
    StringBuilder pins = new StringBuilder();
    for (int i = 0; i < 51; i++) {
      pins.append("p").append(i).append("*,");
    }
    String variable = "ENTREPOT_EXPIRY_PINS";
    assertThat(new GivenSources().environment(variable, "ubuntu").read().expiry().pins())
        .containsExactly(Pin.parse("docker.io/library/ubuntu"));
    assertThatExceptionOfType(ConfigurationException.class)
        .isThrownBy(() -> new GivenSources().environment(variable, pins.toString()).read())
        .withMessageContaining("count twice");
  }
}
