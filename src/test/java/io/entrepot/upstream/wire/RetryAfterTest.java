package io.entrepot.upstream.wire;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.TestClock;
import java.time.Duration;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RetryAfterTest {
  @ParameterizedTest
  @CsvSource({
    "0, PT0S",
    "5, PT5S",
    "' 5 ', PT5S",
    "3600, PT1H",
    "21600, PT6H",
    "86401, PT24H",
    "99999999999999999999999, PT24H",
    "'Thu, 01 Jan 2026 00:01:00 GMT', PT1M",
    "'Wed, 31 Dec 2025 23:59:00 GMT', PT0S",
    "'Fri, 01 Jan 2027 00:00:00 GMT', PT24H",
    "'Thursday, 01-Jan-26 00:01:00 GMT', PT1M",
    "'Thu Jan  1 00:01:00 2026', PT1M"
  })
  void retryAfterIsSecondsOrADate(String header, Duration expected) {
    assertThat(RetryAfter.parse(header, new TestClock())).isEqualTo(expected);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "-1", "1.5", "soon", "Thu, 99 Jan 2026 00:00:42 GMT", "٣"})
  void retryAfterThatSaysNothingIsNone(String header) {
    assertThat(RetryAfter.parse(header, new TestClock())).isNull();
  }

  @Property
  void retryAfterNeverFailsNorExceedsADay(@ForAll String any) {
    Duration wait = RetryAfter.parse(any, new TestClock());
    assertThat(wait == null || (!wait.isNegative() && wait.compareTo(RetryAfter.MAX) <= 0))
        .isTrue();
  }
}
