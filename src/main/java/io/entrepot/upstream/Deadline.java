package io.entrepot.upstream;

import java.time.Duration;

/**
 * The moment by which a call must have ended. It lies on the monotonic clock, as socket timeouts
 * do, so that no change of the wall clock moves it (F20).
 */
record Deadline(long nanoTime, Duration total) {
  static Deadline in(Duration total) {
    return new Deadline(System.nanoTime() + total.toNanos(), total);
  }

  /** How long is left, zero at least. */
  Duration left() {
    return Duration.ofNanos(Math.max(0, nanoTime - System.nanoTime()));
  }

  boolean hasPassed() {
    return nanoTime - System.nanoTime() <= 0;
  }
}
