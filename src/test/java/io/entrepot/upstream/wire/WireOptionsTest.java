package io.entrepot.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.URI;
import java.time.Duration;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an upstream may be, and what is refused at once. */
class WireOptionsTest {
  @ParameterizedTest
  @ValueSource(
      strings = {
        "registry.example.com",
        "ftp://a",
        "https://a?b",
        "https://a#b",
        "https://user:pw@a",
        "mailto:a@b"
      })
  void upstreamIsAUrlOfHttpWithoutQueryAndUser(String uri) {
    assertThatThrownBy(() -> WireOptions.of(URI.create(uri)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageNotContaining("pw");
  }

  @Test
  void oneConnectionIsTheLeast() {
    assertThat(
            WireOptions.of(URI.create("https://registry.example.com"))
                .withMaxConnections(1)
                .maxConnections())
        .isEqualTo(1);
    assertThatThrownBy(
            () -> WireOptions.of(URI.create("https://registry.example.com")).withMaxConnections(0))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2, 3, 4})
  void timeoutsAreMoreThanZero(int which) {
    Duration[] d = new Duration[5];
    Arrays.fill(d, Duration.ofSeconds(1));
    d[which] = Duration.ZERO;

    assertThatThrownBy(() -> new Timeouts(d[0], d[1], d[2], d[3], d[4]))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
