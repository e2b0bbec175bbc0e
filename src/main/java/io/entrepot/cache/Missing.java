package io.entrepot.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * What clients wanted that is not here while its upstream is offline: what somebody who fills this
 * cache for a place without a network still has to bring. In memory only. Thread-safe.
 */
public final class Missing {
  /** Some 2 MB; who misses more than that is not helped by a list. */
  private static final int MAX = 10_000;

  private final Clock clock;
  private final Cache<String, Wish> wishes =
      Caffeine.newBuilder().maximumSize(MAX).executor(Runnable::run).build();

  public Missing(Clock clock) {
    this.clock = clock;
  }

  /**
   * One thing that was wanted.
   *
   * @param reference such as {@code library/alpine:3.20}
   * @param times how often
   */
  public record Wish(String reference, long times, Instant first, Instant last) {
    private Wish again(Instant now) {
      return new Wish(reference, times + 1, first, now);
    }
  }

  /** Notes that a client has asked for this in vain. */
  public void note(String reference) {
    Instant now = clock.instant();
    wishes
        .asMap()
        .compute(
            reference, (key, wish) -> wish == null ? new Wish(key, 1, now, now) : wish.again(now));
  }

  /** All that is missing, what was wanted most first. */
  public List<Wish> wishes() {
    return wishes.asMap().values().stream()
        .sorted(Comparator.comparingLong(Wish::times).reversed().thenComparing(Wish::reference))
        .toList();
  }
}
