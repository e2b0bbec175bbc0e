package io.entrepot.cache;

/**
 * The way in which the cache found an answer. Every response and every line of the access log
 * contains one.
 */
public enum CacheOutcome {
  /** Stored content, without a request to the upstream. */
  HIT("hit", "hit"),
  /** Content of a fill that another client has started. */
  JOINED("joined", "fwd=miss; collapsed"),
  /** Content that was fetched from the upstream, and is stored. */
  MISS("miss", "fwd=miss; stored"),
  /** Content that was fetched from the upstream, and is not stored. */
  PASSED("miss", "fwd=miss"),
  /** Stored content of another repository, after the upstream has confirmed it for this one. */
  LINKED("revalidated", "fwd=miss"),
  /** Stored content, after the upstream has confirmed it. */
  REVALIDATED("revalidated", "fwd=stale; fwd-status=200"),
  /** Stored content that is too old. The upstream was asked and could not confirm it. */
  STALE("stale", "fwd=stale"),
  /** Stored content that is too old. No request was sent to the upstream. */
  STALE_UNASKED("stale", "hit");

  private final String label;
  private final String handling;

  CacheOutcome(String label, String handling) {
    this.label = label;
    this.handling = handling;
  }

  /** The name for people: in the access log, in metrics, and as the detail of a response. */
  public String label() {
    return label;
  }

  /** What {@code Cache-Status} says about it (RFC 9211, 2). */
  public String handling() {
    return handling;
  }

  /**
   * The outcome for an old answer.
   *
   * @param requests how many requests were sent to the upstream before it was used
   */
  public static CacheOutcome stale(int requests) {
    return requests == 0 ? STALE_UNASKED : STALE;
  }
}
