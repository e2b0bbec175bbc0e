package io.entrepot.upstream.wire;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/** Reads {@code Retry-After} (RFC 9110, 10.2.3). */
final class RetryAfter {
  /**
   * No upstream can silence us for longer by one header. Docker Hub counts in windows of six hours,
   * other registries by the day; how much of that is heeded, the settings say.
   */
  static final Duration MAX = Duration.ofDays(1);

  private static final int MAX_DIGITS = 9;

  private RetryAfter() {}

  /**
   * Reads seconds or an HTTP date, in any of the three forms of RFC 9110, 5.6.7.
   *
   * @return zero to one day; null where there is no header or it says neither
   */
  static @Nullable Duration parse(@Nullable String header, Clock clock) {
    if (header == null) {
      return null;
    }
    String text = header.strip();
    Duration wait;
    if (!text.isEmpty() && text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      wait = text.length() > MAX_DIGITS ? MAX : Duration.ofSeconds(Long.parseLong(text));
    } else {
      Instant date = DateUtils.parseStandardDate(text);
      if (date == null) {
        return null;
      }
      wait = Duration.between(clock.instant(), date);
    }
    return wait.isNegative() ? Duration.ZERO : wait.compareTo(MAX) > 0 ? MAX : wait;
  }
}
