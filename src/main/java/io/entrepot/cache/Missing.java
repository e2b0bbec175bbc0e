package io.entrepot.cache;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import java.time.Clock;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/**
 * The content that clients requested, that is not stored, and whose upstream is set to offline. An
 * operator who prepares this cache for a place without network sees here what is still missing. In
 * memory only. Thread-safe.
 */
public final class Missing {
  private final Clock clock;
  private final Cache<String, Wish> wishes;

  /**
   * Knows of nothing missing.
   *
   * @param memory holds it
   */
  public Missing(MemoryBudget memory, Clock clock) {
    this.clock = clock;
    this.wishes =
        memory.cache(
            Share.MISSING,
            (reference, wish) ->
                Weight.ENTRY
                    + 3 * Weight.RECORD
                    + Weight.of(reference)
                    + Weight.ofAscii(wish.repository()));
  }

  /**
   * Missing content.
   *
   * @param reference the content, such as {@code library/alpine:3.20}
   * @param repository the name of its repository in this cache
   * @param times how often it was requested
   * @param first the time of the first request
   * @param last the time of the last request
   */
  public record Wish(String reference, String repository, long times, Instant first, Instant last) {
    private Wish again(Instant now) {
      return new Wish(reference, repository, times + 1, first, now);
    }
  }

  /** Records a request for missing content. */
  public void note(String reference, String repository) {
    Instant now = clock.instant();
    wishes
        .asMap()
        .compute(
            reference,
            (key, wish) -> wish == null ? new Wish(key, repository, 1, now, now) : wish.again(now));
  }

  /** All missing content. The content with the most requests comes first. */
  public List<Wish> wishes() {
    return wishes.asMap().values().stream()
        .sorted(Comparator.comparingLong(Wish::times).reversed().thenComparing(Wish::reference))
        .toList();
  }
}
