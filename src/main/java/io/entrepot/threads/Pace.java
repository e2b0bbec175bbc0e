package io.entrepot.threads;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * A steady rate that all who share it keep together, in units of work such as turns or bytes. Each
 * books the time that its units take, behind all that is booked, and waits for it. Thread-safe.
 */
public final class Pace {
  private static final double SECOND = TimeUnit.SECONDS.toNanos(1);

  /** How often a wait looks at the clock again, which need not run like this machine's. */
  private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final long unitsPerSecond;
  private final long saved;
  private final LongSupplier nanoTime;
  private long bookedUntil;

  /**
   * A pace that saves up no idle time.
   *
   * @param unitsPerSecond 1 or more
   * @param nanoTime a monotonic clock, as {@link System#nanoTime}
   */
  public Pace(long unitsPerSecond, LongSupplier nanoTime) {
    this(unitsPerSecond, Duration.ZERO, nanoTime);
  }

  /**
   * A pace that saves up a little idle time, so that a short break costs nothing.
   *
   * @param saved how much idle time may be made up for, zero or more
   */
  public Pace(long unitsPerSecond, Duration saved, LongSupplier nanoTime) {
    if (unitsPerSecond < 1) {
      throw new IllegalArgumentException("a pace of " + unitsPerSecond + " a second");
    }
    this.unitsPerSecond = unitsPerSecond;
    this.saved = saved.toNanos();
    this.nanoTime = nanoTime;
    this.bookedUntil = nanoTime.getAsLong();
  }

  /**
   * Books units that were just done.
   *
   * @return how many nanoseconds to wait until their time is over; zero or less for no wait
   */
  public long book(long units) {
    return take(units) + nanos(units) - nanoTime.getAsLong();
  }

  /**
   * Books one unit and waits until its time begins.
   *
   * @param closing ends the wait when it reaches zero
   * @return whether the time has come; false where {@code closing} has ended all waits
   */
  public boolean awaitTurn(CountDownLatch closing) throws InterruptedException {
    long turn = take(1);
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

  /** Books units and tells when their time begins. */
  private synchronized long take(long units) {
    long earliest = nanoTime.getAsLong() - saved;
    // Differences are compared, since nanoTime may overflow.
    long begin = bookedUntil - earliest > 0 ? bookedUntil : earliest;
    bookedUntil = begin + nanos(units);
    return begin;
  }

  private long nanos(long units) {
    return Math.round(units * SECOND / unitsPerSecond);
  }
}
