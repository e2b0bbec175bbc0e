package io.entrepot.expiry;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A steady rate that leases which have run out keep, however many are due: neither a restart nor a
 * clock that jumps makes everything expire at once (F20). Safe for concurrent use.
 */
public final class Pace {
  /** How often a wait looks at the clock again, which need not run like this machine's. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final long interval;
  private final LongSupplier nanoTime;
  private long next;

  /**
   * Sets the rate.
   *
   * @param maxPerSecond 1 or more; at most one turn comes in each such part of a second
   * @param nanoTime a monotonic clock, as {@link System#nanoTime}
   */
  public Pace(int maxPerSecond, LongSupplier nanoTime) {
    if (maxPerSecond < 1) {
      throw new IllegalArgumentException("a pace of " + maxPerSecond + " a second");
    }
    this.interval = TimeUnit.SECONDS.toNanos(1) / maxPerSecond;
    this.nanoTime = nanoTime;
    this.next = nanoTime.getAsLong();
  }

  /**
   * Waits for this caller's turn.
   *
   * @param closing ends the wait when it reaches zero
   * @return whether the turn has come; false where there is to be none any more
   */
  boolean await(CountDownLatch closing) throws InterruptedException {
    long turn = takeTurn();
    while (closing.getCount() > 0) {
      long left = turn - nanoTime.getAsLong();
      if (left <= 0) {
        return true;
      }
      if (closing.await(Math.min(left, LOOK_NANOS), TimeUnit.NANOSECONDS)) {
        return false;
      }
    }
    return false;
  }

  private synchronized long takeTurn() {
    long now = nanoTime.getAsLong();
    long turn = next - now > 0 ? next : now; // differences, since nanoTime may overflow
    next = turn + interval;
    return turn;
  }
}
