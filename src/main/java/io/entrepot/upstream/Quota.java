package io.entrepot.upstream;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What an upstream said is left of the requests it grants us, as Docker Hub does in {@code
 * ratelimit-limit: 100;w=21600} and {@code ratelimit-remaining: 76;w=21600}.
 *
 * @param limit of requests in a window, where the upstream says
 * @param remaining of them, 0 or more
 * @param window in which so many are granted, more than zero, or null where it does not say
 * @param source whom the upstream counts, an address or an account, or null
 * @param seenAt when it said so
 */
public record Quota(
    OptionalLong limit,
    long remaining,
    @Nullable Duration window,
    @Nullable String source,
    Instant seenAt) {
  private static final Pattern COUNT =
      Pattern.compile(
          "\\s*(\\d{1,15})\\s*(?:;[^,]*?\\bw\\s*=\\s*(\\d{1,9})\\b[^,]*|;[^,]*)?(?:,.*)?");
  private static final Pattern SOURCE = Pattern.compile("[!-~]{1,64}");

  /** A window that is not told is taken to be as long as most are. */
  private static final Duration USUAL_WINDOW = Duration.ofHours(1);

  /** A count and the seconds of its window, 0 where they are not told. */
  private record Count(long count, long seconds) {}

  /**
   * Reads what a response says; empty where it does not say how much is left, in digits.
   *
   * @param headers gives the value of a header by its name, or null
   */
  public static Optional<Quota> parse(UnaryOperator<@Nullable String> headers, Instant now) {
    Count remaining = count(headers.apply("RateLimit-Remaining"));
    if (remaining == null) {
      return Optional.empty();
    }
    Count limit = count(headers.apply("RateLimit-Limit"));
    long seconds = limit != null && limit.seconds() > 0 ? limit.seconds() : remaining.seconds();
    String source = headers.apply("Docker-RateLimit-Source");
    return Optional.of(
        new Quota(
            limit == null ? OptionalLong.empty() : OptionalLong.of(limit.count()),
            remaining.count(),
            seconds == 0 ? null : Duration.ofSeconds(seconds),
            source != null && SOURCE.matcher(source).matches() ? source : null,
            now));
  }

  private static @Nullable Count count(@Nullable String header) {
    Matcher matcher = COUNT.matcher(header == null ? "" : header);
    if (!matcher.matches()) {
      return null;
    }
    String seconds = matcher.group(2);
    return new Count(
        Long.parseLong(matcher.group(1)), seconds == null ? 0 : Long.parseLong(seconds));
  }

  /**
   * Whether to save what remains. Windows slide, so what is granted comes back little by little:
   * the remainder is reckoned to grow by the limit in the course of a window, and so a quota is not
   * scarce for ever only because nobody dares to ask again.
   *
   * @param percent of the limit from which on it is plenty; 0 for always plenty
   * @param age since the upstream said it
   */
  public boolean isScarce(int percent, Duration age) {
    Duration whole = window == null ? USUAL_WINDOW : window;
    if (percent == 0 || age.compareTo(whole) >= 0) {
      return false;
    }
    if (limit.isEmpty()) {
      return remaining == 0;
    }
    double granted = limit.getAsLong();
    double reckoned = remaining + granted * age.toNanos() / whole.toNanos();
    return reckoned < granted * percent / 100;
  }
}
