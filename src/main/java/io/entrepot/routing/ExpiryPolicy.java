package io.entrepot.routing;

import java.time.Duration;
import java.time.Instant;

/**
 * How long a repository keeps what it linked.
 *
 * @param ttl zero for ever, otherwise counted from the basis; up to a hundred years
 * @param basis from when the ttl counts
 */
public record ExpiryPolicy(Duration ttl, Basis basis) {

  /** The moment from which a ttl counts. */
  public enum Basis {
    /** The last use by a client. */
    AFTER_USE,
    /** The last confirmation by the upstream, however much it is used. */
    AFTER_FETCH
  }

  /** Within what every kind of timestamp holds. */
  private static final Duration MAX = Duration.ofDays(36_500);

  public ExpiryPolicy {
    if (ttl.isNegative() || ttl.compareTo(MAX) > 0) {
      throw new IllegalArgumentException("a ttl of " + ttl + "; it must be from zero to " + MAX);
    }
  }

  /** Whether nothing ever expires. */
  public boolean isNever() {
    return ttl.isZero();
  }

  /**
   * When something expires; {@link Instant#MAX} where nothing does.
   *
   * @param fetchedAt when the upstream last confirmed it
   * @param lastUsed when a client last used it
   */
  public Instant expiry(Instant fetchedAt, Instant lastUsed) {
    if (isNever()) {
      return Instant.MAX;
    }
    return (basis == Basis.AFTER_USE ? lastUsed : fetchedAt).plus(ttl);
  }
}
