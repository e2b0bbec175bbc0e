package io.entrepot.memory;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * A number of bytes that may be in use at once. Who takes some gives them back. What is larger than
 * all takes all, so that it can still be had, alone. Thread-safe.
 */
public final class Allowance {
  private final int limit;
  private final Semaphore free;

  /**
   * Makes an allowance of which nothing is in use.
   *
   * @param limit in bytes, 1 or more
   */
  public Allowance(long limit) {
    this.limit = (int) Math.min(limit, Integer.MAX_VALUE);
    this.free = new Semaphore(this.limit, true);
  }

  /** Takes bytes, if so many are free. */
  public boolean take(long bytes) {
    return free.tryAcquire(within(bytes));
  }

  /** Like {@link #take(long)}, but waits until there are enough. Who waited longest comes first. */
  public boolean take(long bytes, Duration patience) throws InterruptedException {
    return free.tryAcquire(within(bytes), patience.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** Gives back what was taken by one call. */
  public void giveBack(long bytes) {
    free.release(within(bytes));
  }

  private int within(long bytes) {
    return (int) Math.min(bytes, limit);
  }

  /** How many bytes may be in use. */
  public int limit() {
    return limit;
  }

  /** How many bytes are in use. */
  public int used() {
    return limit - free.availablePermits();
  }
}
