package io.entrepot.upstream;

import java.time.Clock;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Reads {@code Retry-After} (RFC 9110, 10.2.3). */
final class RetryAfter {
  /**
   * No upstream can silence us for longer by one header. Docker Hub counts in windows of six hours,
   * other registries by the day; how much of that is heeded, the settings say.
   */
  static final Duration MAX = Duration.ofDays(1);

  private static final int MAX_DIGITS = 9;
  private static final DateTimeFormatter HTTP_DATE =
      DateTimeFormatter.RFC_1123_DATE_TIME.withLocale(Locale.ROOT);

  private RetryAfter() {}

  /**
   * Reads seconds or an HTTP date.
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
      try {
        wait = Duration.between(clock.instant(), ZonedDateTime.parse(text, HTTP_DATE).toInstant());
      } catch (DateTimeException e) {
        return null;
      }
    }
    return wait.isNegative() ? Duration.ZERO : wait.compareTo(MAX) > 0 ? MAX : wait;
  }
}
