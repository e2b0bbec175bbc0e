package io.entrepot.cache;

/** How an answer came about; every response and access line names one. */
public enum CacheOutcome {
  /** From disk, without asking the upstream. */
  HIT,
  /** From a fetch that another client had begun. */
  JOINED,
  /** Fetched from the upstream. */
  MISS,
  /** From disk, after the upstream had said that it is still so. */
  REVALIDATED,
  /** From disk, although the upstream could not be asked whether it is still so. */
  STALE
}
