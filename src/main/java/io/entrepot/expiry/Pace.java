package io.entrepot.expiry;

import java.util.function.LongSupplier;

/**
 * A steady rate that firings keep, however many are due: neither a restart nor a clock that jumps
 * makes everything expire at once (F20).
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class Pace {
  /**
   * Sets the rate.
   *
   * @param maxPerSecond 1 or more
   * @param nanoTime a monotonic clock, as {@link System#nanoTime}
   */
  public Pace(int maxPerSecond, LongSupplier nanoTime) {}
}
