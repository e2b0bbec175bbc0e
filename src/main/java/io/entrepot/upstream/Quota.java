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
 * How many requests an upstream still grants us, by its own words. Docker Hub says it as {@code
 * ratelimit-limit: 100;w=21600} and {@code ratelimit-remaining: 76;w=21600}.
 *
 * @param limit how many requests it grants in a window, where it says
 * @param remaining how many of them are left, 0 or more
 * @param window the length of the window, more than zero; null where it does not say
 * @param source whose requests it counts, an address or an account; null where it does not say
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

  /** Taken where the upstream does not say how long its window is. */
  private static final Duration USUAL_WINDOW = Duration.ofHours(1);

  /** A count and the seconds of its window, 0 where the header does not say. */
  private record Count(long count, long seconds) {}

  /**
   * Reads the headers of a response; empty where they do not say, in digits, how much is left.
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
   * Whether so few requests are left that they should be saved. Windows slide: the upstream grants
   * new requests little by little. So we assume that what is left grows by the whole limit during
   * one window. Without that a quota would stay scarce for ever, once nobody asks any more.
   *
   * @param percent of the limit, 0 to 100; fewer than that is scarce, 0 for never
   * @param age time since the upstream said it
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
    double assumed = remaining + granted * age.toNanos() / whole.toNanos();
    return assumed < granted * percent / 100;
  }
}
