package io.entrepot.cache.tags;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.routing.Freshness;
import java.time.Duration;
import java.time.Instant;

/**
 * When to look whether a tag that is never to move has moved all the same: once a day, if somebody
 * pulls it. What is pulled often never expires, so nobody would ever learn of it otherwise. In
 * memory and bounded. Thread-safe.
 */
final class MovedTagChecks {
  static final Duration EVERY = Duration.ofDays(1);

  /** A tag that is forgotten here is looked at once more. */
  private static final int MAX = 10_000;

  private final Cache<String, Instant> looks =
      Caffeine.newBuilder().maximumSize(MAX).executor(Runnable::run).build();

  /**
   * Whether to look now, which counts as done then, however it ends.
   *
   * @param question names the tag
   * @param answered when the upstream last said where it leads
   */
  boolean isDue(String question, Instant answered, Instant now) {
    Instant last = looks.getIfPresent(question);
    if (Freshness.isWithin(EVERY, answered, now)
        || (last != null && Freshness.isWithin(EVERY, last, now))) {
      return false;
    }
    looks.put(question, now);
    return true;
  }
}
