package io.entrepot.cache;

import java.time.Duration;
import java.time.Instant;

/**
 * How long the upstream's word on a tag is good.
 *
 * @param revalidate how long it is served without asking again; zero asks each time
 * @param keepDeleted whether a tag that the upstream has deleted is still served
 */
public record Freshness(Duration revalidate, boolean keepDeleted) {

  /** A moment in the future is not fresh: the clock has been set back since. */
  boolean isFresh(Instant resolvedAt, Instant now) {
    return !resolvedAt.isAfter(now) && now.isBefore(resolvedAt.plus(revalidate));
  }
}
