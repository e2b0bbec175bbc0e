package io.entrepot.upstream.registry;

import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.FieldScanner;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** How long a shared cache may keep an answer, by its headers (RFC 9111, 4.2.1 and 5.2.2). */
final class CacheControl {
  /** A year. The bound keeps sums of times from overflowing. */
  private static final long MAX_SECONDS = Duration.ofDays(365).toSeconds();

  private static final int MAX_DIGITS = 9;

  private boolean forbidden;
  private @Nullable Long maxAge;
  private @Nullable Long sharedMaxAge;

  private CacheControl() {}

  /** Reads the two header fields of an answer; zero where they do not say. */
  static Duration freshFor(Answer answer) {
    return freshFor(answer.headers("Cache-Control"), answer.header("Age"));
  }

  static Duration freshFor(List<String> fields, @Nullable String age) {
    CacheControl control = new CacheControl();
    fields.forEach(control::read);
    Long lifetime = control.sharedMaxAge != null ? control.sharedMaxAge : control.maxAge;
    if (control.forbidden || lifetime == null) {
      return Duration.ZERO;
    }
    // An Age that is no number is ignored (RFC 9111, 5.1).
    long spent = age == null ? 0 : seconds(age.strip(), 0);
    return Duration.ofSeconds(Math.max(0, lifetime - spent));
  }

  private void read(String field) {
    FieldScanner scanner = new FieldScanner(field);
    scanner.skipSeparators();
    while (!scanner.atEnd()) {
      String name = scanner.token();
      String value = scanner.take('=') ? scanner.value() : null;
      if (name == null) {
        forbidden = true; // it cannot be read, so it allows nothing
        return;
      }
      apply(name.toLowerCase(Locale.ROOT), value == null ? "" : value);
      scanner.skipSeparators();
    }
  }

  private void apply(String directive, String value) {
    switch (directive) {
      case "no-store", "no-cache", "private" -> forbidden = true;
      case "max-age" -> maxAge = least(maxAge, seconds(value, 0));
      case "s-maxage" -> sharedMaxAge = least(sharedMaxAge, seconds(value, 0));
      default -> {
        // Other directives do not say how long.
      }
    }
  }

  private static long least(@Nullable Long known, long said) {
    return known == null ? said : Math.min(known, said);
  }

  private static long seconds(String text, long otherwise) {
    if (text.isEmpty() || !text.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return otherwise;
    }
    return text.length() > MAX_DIGITS ? MAX_SECONDS : Math.min(MAX_SECONDS, Long.parseLong(text));
  }
}
