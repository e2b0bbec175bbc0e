package io.entrepot.upstream.pace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How an upstream is spared, and what is refused at once. */
class RestraintTest {
  private static final Restraint DEFAULT = Restraint.DEFAULT;

  @Test
  void defaultsAreThese() {
    assertThat(DEFAULT)
        .isEqualTo(
            new Restraint(
                5,
                Duration.ofMillis(500),
                Duration.ofSeconds(1),
                Duration.ofSeconds(30),
                Duration.ofMinutes(10),
                10,
                List.of()));
  }

  @Test
  void eachPartIsChangedByItself() {
    Cap cap = new Cap("x", 1, Duration.ZERO, 1);
    Duration one = Duration.ofSeconds(1);
    Duration two = Duration.ofSeconds(2);
    Duration three = Duration.ofSeconds(3);
    Duration four = Duration.ofSeconds(4);
    assertThat(
            DEFAULT
                .withBreaker(7, one, two)
                .withThrottle(three, four)
                .withScarcePercent(20)
                .withCaps(List.of(cap)))
        .isEqualTo(new Restraint(7, one, two, three, four, 20, List.of(cap)));
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, 101})
  void shareIsAPercentage(int percent) {
    assertThatThrownBy(() -> DEFAULT.withScarcePercent(percent))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void oneFailureIsTheLeast() {
    assertThatThrownBy(() -> DEFAULT.withBreaker(0, DEFAULT.firstRest(), DEFAULT.maxRest()))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @ParameterizedTest
  @CsvSource({"PT0S, PT1S", "PT-1S, PT1S", "PT2S, PT1S"})
  void restsAreMoreThanNothingAndRise(Duration first, Duration max) {
    assertThatThrownBy(() -> DEFAULT.withBreaker(5, first, max))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> DEFAULT.withThrottle(first, max))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void restNeverOverflows() {
    Restraint years = DEFAULT.withBreaker(1, Duration.ofDays(1), Duration.ofDays(9_000));
    assertThat(years.rest(Integer.MAX_VALUE)).isEqualTo(Duration.ofDays(9_000));
  }
}
