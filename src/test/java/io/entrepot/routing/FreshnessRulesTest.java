package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.oci.NamePattern;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Freshness.State;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FreshnessRulesTest {
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Freshness FRESHNESS =
      new Freshness(
          MINUTE,
          List.of(TagRule.immutable(new NamePattern("v*"))),
          Duration.ofMinutes(5),
          Duration.ofMinutes(10),
          Duration.ZERO,
          false,
          Duration.ZERO);

  @ParameterizedTest
  @CsvSource({
    "latest, 0, 0, FRESH",
    "latest, 59, 0, FRESH",
    "latest, 60, 0, LATE",
    "latest, 659, 0, LATE",
    "latest, 660, 0, OLD",
    "latest, 60, 120, FRESH",
    "latest, 120, 120, LATE",
    "latest, 299, 9999, FRESH",
    "latest, 300, 9999, LATE",
    "latest, -1, 0, OLD",
    "v1, 999999999, 0, FRESH",
    "v1, -1, 0, FRESH"
  })
  void tagIsFreshThenLateThenOld(String tag, long age, long promised, State state) {
    assertThat(
            FRESHNESS.stateOf(
                new Tag(tag), NOW.minusSeconds(age), Duration.ofSeconds(promised), NOW))
        .isEqualTo(state);
  }

  @ParameterizedTest
  @CsvSource({
    "5000, 0, true",
    "5000, 1999, true",
    "5000, 2000, false",
    "1000, 999, true",
    "1000, 1000, false",
    "0, 0, false",
    "5000, -1, false"
  })
  void listIsTheSameForTwoSecondsButNotLongerThanAnAbsence(
      long negative, long age, boolean isSame) {
    Duration none = Duration.ZERO;
    Freshness freshness =
        new Freshness(none, List.of(), none, none, Duration.ofMillis(negative), false, none);
    assertThat(freshness.isSameList(NOW.minusMillis(age), NOW)).isEqualTo(isSame);
  }

  @Test
  void negativeLengthsAreRefused() {
    assertThatThrownBy(() -> Freshness.of(MINUTE.negated(), false))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> TagRule.every(new NamePattern("*"), MINUTE.negated()))
        .isInstanceOf(IllegalArgumentException.class);
  }
}
