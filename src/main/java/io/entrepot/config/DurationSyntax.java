package io.entrepot.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads durations: {@code 7d}, {@code 1h30m}, {@code 500ms}, {@code 0} or ISO-8601. */
final class DurationSyntax {
  private static final Pattern BARE_NUMBER = Pattern.compile("[0-9]+");
  private static final Pattern UNITS =
      Pattern.compile("(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?(?:([0-9]+)ms)?");
  private static final long[] UNIT_MILLIS = {86_400_000, 3_600_000, 60_000, 1_000, 1};

  private DurationSyntax() {}

  /**
   * Reads a duration that is not negative and whose nanoseconds fit a {@code long}.
   *
   * @throws IllegalArgumentException if {@code text} is not a duration; the message says why
   */
  static Duration parse(String text) {
    if (BARE_NUMBER.matcher(text).matches()) {
      return bare(text);
    }
    try {
      Duration duration = text.startsWith("P") ? Duration.parse(text) : units(text);
      if (duration.isNegative()) {
        throw new IllegalArgumentException("it must not be negative");
      }
      if (duration.toNanos() < 0) {
        throw new ArithmeticException();
      }
      return duration;
    } catch (DateTimeParseException e) {
      throw new IllegalArgumentException("not ISO-8601 such as PT1H30M", e);
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("too long, at most 292 years", e);
    }
  }

  /**
   * Reads a number without a unit. Only zero is allowed. docker/distribution reads other such
   * numbers as nanoseconds, which users do not expect.
   */
  private static Duration bare(String digits) {
    if (digits.chars().allMatch(digit -> digit == '0')) {
      return Duration.ZERO;
    }
    throw new IllegalArgumentException(
        "add a unit, such as s or h: a bare number is not taken as nanoseconds here");
  }

  private static Duration units(String text) {
    Matcher matcher = UNITS.matcher(text);
    if (text.startsWith("-")) {
      throw new IllegalArgumentException("it must not be negative");
    }
    if (text.isEmpty() || !matcher.matches()) {
      throw new IllegalArgumentException(
          "whole numbers with the units d, h, m, s, ms in this order, such as 168h or 1h30m");
    }
    long millis = 0;
    for (int i = 0; i < UNIT_MILLIS.length; i++) {
      String count = matcher.group(i + 1);
      if (count != null) {
        millis = Math.addExact(millis, Math.multiplyExact(parseLong(count), UNIT_MILLIS[i]));
      }
    }
    return Duration.ofMillis(millis);
  }

  private static long parseLong(String digits) {
    try {
      return Long.parseLong(digits);
    } catch (NumberFormatException e) {
      throw new ArithmeticException(e.getMessage());
    }
  }
}
