package io.entrepot.upstream.wire;

import java.time.Duration;

/**
 * The moment by which a call must have ended. It lies on the monotonic clock, as socket timeouts
 * do, so that no change of the wall clock moves it (F20).
 */
public record CallDeadline(long nanoTime, Duration total) {
  public static CallDeadline in(Duration total) {
    return new CallDeadline(System.nanoTime() + total.toNanos(), total);
  }

  /** How long is left, zero at least. */
  public Duration left() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  boolean hasPassed() {
    return nanoTime - System.nanoTime() <= 0;
  }
}
