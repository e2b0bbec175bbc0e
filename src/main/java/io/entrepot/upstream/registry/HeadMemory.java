package io.entrepot.upstream.registry;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.UpstreamException;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What HEAD was worth in each repository so far. Many registries answer HEAD with an error where a
 * GET works. So an error to a HEAD decides nothing, and a GET follows. That should not cost two
 * requests each time:
 *
 * <ul>
 *   <li>Where only the GET worked, HEAD is left out for an hour.
 *   <li>Where HEAD has worked, its "not found" and its refusals are believed.
 *   <li>An upstream that tells a quota counts GETs. There HEAD always comes first, and is believed.
 * </ul>
 *
 * <p>Thread-safe.
 */
final class HeadMemory {
  private static final Duration USELESS = Duration.ofHours(1);

  private final BooleanSupplier counted;
  private final LongSupplier nanoTime;
  private final Cache<RepositoryName, Worth> worths;

  private record Worth(boolean works, long since) {}

  /**
   * @param counted whether the upstream counts GETs
   * @param nanoTime measures the hour
   * @param memory holds it; a repository that is forgotten costs one request more
   */
  HeadMemory(BooleanSupplier counted, LongSupplier nanoTime, MemoryBudget memory) {
    this.counted = counted;
    this.nanoTime = nanoTime;
    this.worths =
        memory.cache(
            Share.HEADS,
            (repository, worth) ->
                Weight.ENTRY + Weight.RECORD + Weight.ofAscii(repository.value()));
  }

  /** Sends a HEAD. */
  @FunctionalInterface
  interface Hint<T> {
    /** What the HEAD tells; null where it says nothing that counts. */
    @Nullable T send() throws UpstreamException;
  }

  /** Sends the GET that decides. */
  @FunctionalInterface
  interface Decision<T> {
    T send() throws UpstreamException;
  }

  /**
   * Asks by HEAD where that can help, and by GET where the HEAD says nothing that counts. Remembers
   * which of them worked.
   *
   * @param head a failure that is {@link UpstreamException#isUnusable} says nothing either
   */
  <T> T ask(RepositoryName repository, Hint<T> head, Decision<T> get) throws UpstreamException {
    boolean useless = isUseless(repository);
    T told = useless ? null : hint(head);
    if (told != null) {
      worths.put(repository, new Worth(true, nanoTime.getAsLong()));
      return told;
    }
    T got = get.send();
    if (!useless) {
      worths.put(repository, new Worth(false, nanoTime.getAsLong()));
    }
    return got;
  }

  private static <T> @Nullable T hint(Hint<T> head) throws UpstreamException {
    try {
      return head.send();
    } catch (UpstreamException e) {
      if (e.isUnusable()) {
        return null;
      }
      throw e;
    }
  }

  /**
   * Whether a status says that a GET would fail too: the upstream fails, or asks us to slow down.
   */
  static boolean isFailure(int status) {
    return status == 407 || status == 408 || status == 429 || (status >= 500 && status != 501);
  }

  /** Whether HEAD can be left out, since a GET will be needed anyway. */
  private boolean isUseless(RepositoryName repository) {
    Worth worth = worths.getIfPresent(repository);
    return worth != null
        && !worth.works()
        && nanoTime.getAsLong() - worth.since() < USELESS.toNanos()
        && !counted.getAsBoolean();
  }

  /** Whether a "not found" and a refusal of a HEAD are believed. */
  boolean isBelieved(RepositoryName repository) {
    Worth worth = worths.getIfPresent(repository);
    return (worth != null && worth.works()) || counted.getAsBoolean();
  }
}
