package io.entrepot.upstream.wire;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.apache.hc.client5.http.utils.DateUtils;
import org.jspecify.annotations.Nullable;

/** Reads {@code Retry-After} (RFC 9110, 10.2.3). */
final class RetryAfter {
  /**
   * The longest time that one header can make us wait. Docker Hub counts in windows of six hours,
   * other registries in days. The settings can make it shorter.
   */
  static final Duration MAX = Duration.ofDays(1);

  private static final int MAX_DIGITS = 9;

  /** The forms of a date. DateUtils knows no time zone for the last, and so never reads it. */
  private static final DateTimeFormatter[] DATES = {
    DateUtils.FORMATTER_RFC1123,
    DateUtils.FORMATTER_RFC1036,
    DateUtils.FORMATTER_ASCTIME.withZone(ZoneOffset.UTC)
  };

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
      // The asctime form has two spaces before a day of one digit; the formatter expects one.
      Instant date = DateUtils.parseDate(text.replace("  ", " "), DATES);
      if (date == null) {
        return null;
      }
      wait = Duration.between(clock.instant(), date);
    }
    return wait.isNegative() ? Duration.ZERO : wait.compareTo(MAX) > 0 ? MAX : wait;
  }
}
