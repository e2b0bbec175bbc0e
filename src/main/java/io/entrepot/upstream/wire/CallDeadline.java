package io.entrepot.upstream.wire;

import java.time.Duration;

/**
 * The moment by which a call must have ended. It is on the monotonic clock, so that a change of the
 * wall clock does not move it (F20).
 *
 * @param nanoTime the moment, as {@link System#nanoTime}
 * @param total how long the call may take in all
 */
public record CallDeadline(long nanoTime, Duration total) {
  public static CallDeadline in(Duration total) {
    return new CallDeadline(System.nanoTime() + total.toNanos(), total);
  }

  /** How much time is left, zero or more. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  boolean hasPassed() {
    return nanoTime - System.nanoTime() <= 0;
  }
}
