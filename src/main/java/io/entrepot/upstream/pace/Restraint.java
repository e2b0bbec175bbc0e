package io.entrepot.upstream.pace;

import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How an upstream is spared when it fails, when it asks us to slow down, and at all times.
 *
 * @param failures in a row after which it is not asked for a while, 1 or more
 * @param firstRest for how long it is then not asked, more than zero; doubles each time
 * @param maxRest where the doubling ends, {@code firstRest} or more
 * @param defaultThrottle for how long it is not asked after a 429 that says no time, more than zero
 * @param maxThrottle how long at most after a 429, {@code defaultThrottle} or more
 * @param scarcePercent of its limit of requests below which what remains is scarce, 0 (never) to
 *     100
 * @param caps what all calls must pass, the narrowest first; others may share them
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
          Duration.ofSeconds(2),
          Duration.ofSeconds(60),
          Duration.ofSeconds(30),
          Duration.ofMinutes(10),
          10,
          List.of());

  /** A {@code Retry-After: 0} is no invitation to ask a thousand times a second. */
  private static final Duration MIN_THROTTLE = Duration.ofSeconds(1);

  public Restraint {
    if (failures < 1) {
      throw new IllegalArgumentException("an upstream that is never asked: " + failures);
    }
    if (scarcePercent < 0 || scarcePercent > 100) {
      throw new IllegalArgumentException("no share in percent: " + scarcePercent);
    }
    requireRising(firstRest, maxRest);
    requireRising(defaultThrottle, maxThrottle);
    caps = List.copyOf(caps);
  }

  private static void requireRising(Duration first, Duration max) {
    if (first.isNegative() || first.isZero() || first.compareTo(max) > 0) {
      throw new IllegalArgumentException("no rest: " + first + " to " + max);
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
   * The rest after silence.
   *
   * @param before how many openings came before this one without a success in between
   */
  Duration rest(int before) {
    Duration rest = firstRest;
    for (int i = 0; i < before && rest.compareTo(maxRest) < 0; i++) {
      rest = rest.multipliedBy(2);
    }
    return shorter(rest, maxRest);
  }

  /** The rest after a 429 that asked for this, or for nothing. */
  Duration throttledRest(@Nullable Duration asked) {
    Duration rest = asked == null ? defaultThrottle : asked;
    return shorter(rest.compareTo(MIN_THROTTLE) < 0 ? MIN_THROTTLE : rest, maxThrottle);
  }

  private static Duration shorter(Duration a, Duration b) {
    return a.compareTo(b) < 0 ? a : b;
  }
}
