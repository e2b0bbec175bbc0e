package io.entrepot.routing;

import java.time.Duration;
import java.time.Instant;

/**
 * The rule for how long a repository keeps content.
 *
 * @param ttl how long content is kept, at most a hundred years; zero for ever
 * @param basis the moment from which the ttl counts
 */
public record ExpiryPolicy(Duration ttl, Basis basis) {

  /** The moment from which a ttl counts. */
  public enum Basis {
    /** The last use by a client. */
    AFTER_USE,
    /** The last confirmation by the upstream. Use by clients does not matter. */
    AFTER_FETCH
  }

  /** The longest ttl. Every type of timestamp can hold a moment so far in the future. */
  private static final Duration MAX = Duration.ofDays(36_500);

  public ExpiryPolicy {
    if (ttl.isNegative() || ttl.compareTo(MAX) > 0) {
      throw new IllegalArgumentException("the ttl " + ttl + " is not from zero to " + MAX);
    }
  }

  /** Whether content never expires. */
  public boolean isNever() {
    return ttl.isZero();
  }

  /**
   * When content expires; {@link Instant#MAX} if never.
   *
   * @param fetchedAt when the upstream last confirmed the content
   * @param lastUsed when a client last used the content
   */
  public Instant expiry(Instant fetchedAt, Instant lastUsed) {
    if (isNever()) {
      return Instant.MAX;
    }
    return (basis == Basis.AFTER_USE ? lastUsed : fetchedAt).plus(ttl);
  }
}
