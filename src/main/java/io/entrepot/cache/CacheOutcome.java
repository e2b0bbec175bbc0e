package io.entrepot.cache;

/**
 * The way in which the cache found an answer. Every response and every line of the access log
 * contains one.
 */
public enum CacheOutcome {
  /** Stored content, without a request to the upstream. */
  HIT,
  /** Content of a fill that another client has started. */
  JOINED,
  /** Content that was fetched from the upstream. */
  MISS,
  /** Stored content, after the upstream has confirmed it. */
  REVALIDATED,
  /** Stored content that is too old, but the upstream could not confirm it. */
  STALE
}
