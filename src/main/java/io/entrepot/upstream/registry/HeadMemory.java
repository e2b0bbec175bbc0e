package io.entrepot.upstream.registry;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.RepositoryName;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

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
  /** A repository that is forgotten costs one request more. */
  private static final int MAX_REPOSITORIES = 10_000;

  private static final Duration USELESS = Duration.ofHours(1);

  private final BooleanSupplier counted;
  private final LongSupplier nanoTime;
  private final Cache<RepositoryName, Worth> worths =
      Caffeine.newBuilder().executor(Runnable::run).maximumSize(MAX_REPOSITORIES).build();

  private record Worth(boolean works, long since) {}

  /**
   * @param counted whether the upstream counts GETs
   * @param nanoTime measures the hour
   */
  HeadMemory(BooleanSupplier counted, LongSupplier nanoTime) {
    this.counted = counted;
    this.nanoTime = nanoTime;
  }

  /**
   * Whether a status says that a GET would fail too: the upstream fails, or asks us to slow down.
   */
  static boolean isFailure(int status) {
    return status == 407 || status == 408 || status == 429 || (status >= 500 && status != 501);
  }

  /** Whether HEAD can be left out, since a GET will be needed anyway. */
  boolean isUseless(RepositoryName repository) {
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

  /** Notes that a HEAD has been answered as it should be. */
  void worked(RepositoryName repository) {
    worths.put(repository, new Worth(true, nanoTime.getAsLong()));
  }

  /** Notes that a GET has worked where the HEAD before it had not. */
  void failed(RepositoryName repository) {
    worths.put(repository, new Worth(false, nanoTime.getAsLong()));
  }
}
