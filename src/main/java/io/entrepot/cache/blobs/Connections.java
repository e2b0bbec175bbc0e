package io.entrepot.cache.blobs;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How many connections fetch one blob. Another one is added as long as the last one has brought
 * more. Thread-safe; its monitor is innermost.
 */
final class Connections {
  /** How long the rate is measured before anything is decided. */
  private static final long MEASURED = TimeUnit.MILLISECONDS.toNanos(200);

  /** By so much another connection must raise the rate, or it is the last one. */
  private static final double GAIN = 1.15;

  /**
   * Bytes a second that are enough for one: what comes so fast is not held up by its connection.
   */
  private static final double ENOUGH = 40 << 20;

  private final int most;
  private final LongSupplier nanoTime;
  private int count = 1;
  private int wanted = 1;
  private double rate;
  private boolean noMore;
  private long since;
  private long bytes;

  /**
   * Begins with the one of the fill.
   *
   * @param most how many there may be
   * @param nanoTime a monotonic clock
   */
  Connections(int most, LongSupplier nanoTime) {
    this.most = most;
    this.nanoTime = nanoTime;
    this.since = nanoTime.getAsLong();
  }

  /**
   * Counts bytes that have come.
   *
   * @return true if another connection is to be added now; {@link #ended} must follow
   */
  boolean grown(int more) {
    return most > 1 && isAdded(more);
  }

  private synchronized boolean isAdded(int more) {
    bytes += more;
    long time = nanoTime.getAsLong() - since;
    if (time < MEASURED) {
      return false;
    }
    double now = bytes * 1e9 / time;
    since += time;
    bytes = 0;
    // Fewer than wanted: one has ended, because there was nothing for it to fetch just then.
    boolean better = count == wanted && now > rate * GAIN && now < ENOUGH * count;
    if (better) {
      rate = now;
      wanted = Math.min(most, wanted + 1);
    }
    boolean added = count < wanted && !noMore;
    count += added ? 1 : 0;
    return added;
  }

  /** The upstream did not take one more. */
  synchronized void addNoMore() {
    noMore = true;
  }

  /** One that was added has ended. */
  synchronized void ended() {
    count--;
  }
}
