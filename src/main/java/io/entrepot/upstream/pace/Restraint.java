package io.entrepot.upstream.pace;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The limits that protect an upstream from us.
 *
 * @param failures so many in a row open the breaker, 1 or more
 * @param firstRest after how long a probe then looks whether the upstream answers again, more than
 *     zero; doubles each time
 * @param maxRest how long at most, {@code firstRest} or more
 * @param defaultThrottle how long the breaker is open after a 429 without {@code Retry-After}, more
 *     than zero
 * @param maxThrottle how long at most after a 429, {@code defaultThrottle} or more
 * @param scarcePercent of the upstream's limit of requests; fewer than that are scarce, 0 (never)
 *     to 100
 * @param caps the limits of all calls, the narrowest first; other upstreams may share them
 */
public record Restraint(
    int failures,
    Duration firstRest,
    Duration maxRest,
    Duration defaultThrottle,
    Duration maxThrottle,
    int scarcePercent,
    List<Cap> caps) {
  public static final Restraint DEFAULT =
      new Restraint(
          5,
          Duration.ofMillis(500),
          Duration.ofSeconds(1),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          10,
          List.of());

  /** Even after {@code Retry-After: 0} we wait, or we would ask a thousand times a second. */
  private static final Duration MIN_THROTTLE = Duration.ofSeconds(1);

  public Restraint {
    if (failures < 1) {
      throw new IllegalArgumentException("the breaker needs one failure or more: " + failures);
    }
    if (scarcePercent < 0 || scarcePercent > 100) {
      throw new IllegalArgumentException("not a percentage: " + scarcePercent);
    }
    requireRising(firstRest, maxRest);
    requireRising(defaultThrottle, maxThrottle);
    caps = List.copyOf(caps);
  }

  private static void requireRising(Duration first, Duration max) {
    if (first.isNegative() || first.isZero() || first.compareTo(max) > 0) {
      throw new IllegalArgumentException("not a rising pair of durations: " + first + " to " + max);
    }
  }

  public Restraint withBreaker(int count, Duration first, Duration max) {
    return new Restraint(count, first, max, defaultThrottle, maxThrottle, scarcePercent, caps);
  }

  public Restraint withThrottle(Duration byDefault, Duration max) {
    return new Restraint(failures, firstRest, maxRest, byDefault, max, scarcePercent, caps);
  }

  public Restraint withScarcePercent(int percent) {
    return new Restraint(failures, firstRest, maxRest, defaultThrottle, maxThrottle, percent, caps);
  }

  public Restraint withCaps(List<Cap> others) {
    return new Restraint(
        failures, firstRest, maxRest, defaultThrottle, maxThrottle, scarcePercent, others);
  }

  /**
   * How long the breaker is open after silent failures.
   *
   * @param before how often it has opened before, without a success in between
   */
  Duration rest(int before) {
    Duration rest = firstRest;
    for (int i = 0; i < before && rest.compareTo(maxRest) < 0; i++) {
      rest = rest.multipliedBy(2);
    }
    return shorter(rest, maxRest);
  }

  /** How long the breaker is open after a 429; {@code asked} is what the 429 asked for, or null. */
  Duration throttledRest(@Nullable Duration asked) {
    Duration rest = asked == null ? defaultThrottle : asked;
    return shorter(rest.compareTo(MIN_THROTTLE) < 0 ? MIN_THROTTLE : rest, maxThrottle);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
