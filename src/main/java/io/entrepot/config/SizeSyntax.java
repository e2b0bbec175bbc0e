package io.entrepot.config;

import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads sizes in bytes: {@code 200GiB}, {@code 10GB}, {@code 1024}. */
final class SizeSyntax {
  private static final Pattern FORM = Pattern.compile("([0-9]+)([A-Za-z]*)");
  private static final Map<String, Long> UNITS =
      Map.of(
          "", 1L,
          "B", 1L,
          "KB", 1_000L,
          "MB", 1_000_000L,
          "GB", 1_000_000_000L,
          "TB", 1_000_000_000_000L,
          "KiB", 1L << 10,
          "MiB", 1L << 20,
          "GiB", 1L << 30,
          "TiB", 1L << 40);

  private SizeSyntax() {}

  /**
   * Reads a count of bytes, 0 to 2^63 - 1.
   *
   * @throws IllegalArgumentException if {@code text} is not a size; the message says why
   */
  static long parse(String text) {
    if (text.startsWith("-")) {
      throw new IllegalArgumentException("it must not be negative");
    }
    Matcher matcher = FORM.matcher(text);
    Long unit = matcher.matches() ? UNITS.get(matcher.group(2)) : null;
    if (unit == null) {
      throw new IllegalArgumentException(
          "a whole number with a unit of B, KB, MB, GB, TB, KiB, MiB, GiB, TiB, such as 200GiB");
    }
    try {
      return Math.multiplyExact(Long.parseLong(matcher.group(1)), unit);
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("too large, at most 8388607TiB", e);
    }
  }
}
