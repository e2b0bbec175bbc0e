package io.entrepot.cache.tags;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.cache.Question;
import io.entrepot.routing.Freshness;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * When to check whether a tag that is never to move has moved all the same: once a day, if somebody
 * pulls it. A tag that is pulled often never expires, so nobody would learn of it otherwise. In
 * memory and bounded. Thread-safe.
 */
final class MovedTagChecks {
  static final Duration EVERY = Duration.ofDays(1);

  /** A tag that is forgotten here is checked once more. */
  private static final int MAX = 10_000;

  private final Cache<Question, Instant> checks =
      Caffeine.newBuilder().maximumSize(MAX).executor(Runnable::run).build();

  /**
   * Whether it is time to check a tag.
   *
   * @param answered when the upstream last said where it points
   */
  boolean isDue(Question tag, Instant answered, Instant now) {
    return isDue(checks.getIfPresent(tag), answered, now);
  }

  /** As {@link #isDue}; the check then counts as done, however it ends. */
  boolean begin(Question tag, Instant answered, Instant now) {
    boolean[] due = new boolean[1];
    checks
        .asMap()
        .compute(
            tag,
            (key, last) -> {
              due[0] = isDue(last, answered, now);
              return due[0] ? now : last;
            });
    return due[0];
  }

  private static boolean isDue(@Nullable Instant last, Instant answered, Instant now) {
    return !Freshness.isWithin(EVERY, answered, now)
        && (last == null || !Freshness.isWithin(EVERY, last, now));
  }
}
