package io.entrepot.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.CharRange;
import net.jqwik.api.constraints.Chars;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.LongRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DurationSyntaxTest {
  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "000, PT0S",
    "0s, PT0S",
    "168h, PT168H",
    "7d, PT168H",
    "1h30m, PT1H30M",
    "90m, PT90M",
    "500ms, PT0.5S",
    "1m500ms, PT1M0.5S",
    "1d2h3m4s5ms, P1DT2H3M4.005S",
    "PT1H30M, PT90M",
    "P7D, PT168H",
    "PT0.25S, PT0.25S",
    "106751d, P106751D"
  })
  void reads(String text, Duration expected) {
    assertThat(DurationSyntax.parse(text)).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"1", "604800000000000", "168"})
  void aBareNumberLacksItsUnit(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurationSyntax.parse(text))
        .withMessageContaining("add a unit")
        .withMessageContaining("nanoseconds");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1s", "-5", "PT-5S", "-PT5S", "P-1D"})
  void isNotNegative(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> DurationSyntax.parse(text))
        .withMessageContaining("negative");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "106752d",
        "PT9223372036855S",
        "P999999999999999D",
        "99999999999999999999h",
        "9223372036854775807d",
        "P99999999999999999999D"
      })
  void isAtMostWhatNanosecondsHold(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DurationSyntax.parse(text));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", "h", "1.5h", "1h 30m", "30m1h", "1h1h", "1H", "1w", "1us", "P", "PT", "١h"
      })
  void refuses(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> DurationSyntax.parse(text));
  }

  @Property
  void readsWhatItsPartsAddUpTo(
      @ForAll @IntRange(max = 50_000) int days,
      @ForAll @IntRange(max = 100_000) int hours,
      @ForAll @IntRange(max = 100_000) int minutes,
      @ForAll @IntRange(max = 100_000) int seconds,
      @ForAll @IntRange(max = 100_000) int millis) {
    String text = days + "d" + hours + "h" + minutes + "m" + seconds + "s" + millis + "ms";
    assertThat(DurationSyntax.parse(text))
        .isEqualTo(
            Duration.ofDays(days)
                .plusHours(hours)
                .plusMinutes(minutes)
                .plusSeconds(seconds)
                .plusMillis(millis));
  }

  @Property
  void readsTheTextOfEveryDuration(@ForAll @LongRange(min = 0) long nanos) {
    Duration duration = Duration.ofNanos(nanos);
    assertThat(DurationSyntax.parse(duration.toString())).isEqualTo(duration);
  }

  @Property
  void anyTextIsReadOrRefused(@ForAll String text) {
    assertReadOrRefused(text);
  }

  @Property
  void anyTextLikeADurationIsReadOrRefused(
      @ForAll
          @CharRange(from = '0', to = '9')
          @Chars({'d', 'h', 'm', 's', 'P', 'T', '-', '.'})
          @StringLength(max = 40)
          String text) {
    assertReadOrRefused(text);
  }

  private static void assertReadOrRefused(String text) {
    Throwable thrown =
        catchThrowable(() -> assertThat(DurationSyntax.parse(text).toNanos()).isNotNegative());
    if (thrown != null) {
      assertThat(thrown).isInstanceOf(IllegalArgumentException.class).message().isNotEmpty();
    }
  }
}
