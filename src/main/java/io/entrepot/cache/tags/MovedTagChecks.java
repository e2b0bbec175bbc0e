package io.entrepot.cache.tags;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.cache.Question;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.routing.Freshness;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Decides when to check whether an immutable tag has moved: once a day, if a client pulls it. A tag
 * that is often pulled never expires, so without the check nobody would notice. In memory.
 * Thread-safe.
 */
final class MovedTagChecks {
  static final Duration EVERY = Duration.ofDays(1);

  private final Cache<Question, Instant> checks;

  /**
   * Knows of no check.
   *
   * @param memory holds them; a tag whose entry is dropped is checked once more
   */
  MovedTagChecks(MemoryBudget memory) {
    checks = memory.cache(Share.TAG_CHECKS, (tag, at) -> tag.weight() + Weight.RECORD);
  }

  /**
   * Whether the check of a tag is due.
   *
   * @param answered when the upstream last answered where the tag points
   */
  boolean isDue(Question tag, Instant answered, Instant now) {
    return isDue(checks.getIfPresent(tag), answered, now);
  }

  /** Like {@link #isDue}. If the check is due, it counts as done from now on, even if it fails. */
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
