package io.entrepot.upstream;

import java.time.Duration;
import java.time.Instant;

/**
 * A span of time on the wall clock.
 *
 * @param start belongs to it
 * @param length zero or more; its end does not belong to it
 */
public record TimeSpan(Instant start, Duration length) {
  /**
   * Whether a moment lies in the span. A moment before the start does not: then the clock was set
   * back, and nobody knows how much time has passed.
   */
  public boolean contains(Instant moment) {
    return !moment.isBefore(start) && moment.isBefore(start.plus(length));
  }
}
