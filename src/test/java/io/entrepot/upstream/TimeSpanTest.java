package io.entrepot.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which moments belong to a span of time. */
class TimeSpanTest {
  @ParameterizedTest
  @CsvSource({"-1, false", "0, true", "9999, true", "10000, false"})
  void startBelongsToItAndTheEndDoesNot(long millisAfterStart, boolean contained) {
    Instant start = Instant.parse("2026-01-01T00:00:00Z");
    TimeSpan span = new TimeSpan(start, Duration.ofSeconds(10));

    assertThat(span.contains(start.plusMillis(millisAfterStart))).isEqualTo(contained);
  }
}
