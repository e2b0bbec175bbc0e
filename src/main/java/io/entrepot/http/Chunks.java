package io.entrepot.http;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * How large the buffers of the pumps are: large ones while few pump, since each write of one costs a change of
 * threads, and small ones for the rest of a herd, so that memory stays bounded. Thread-safe.
 */
final class Chunks {
  /** What a socket takes at once on a fast network. */
  static final int LARGE = 256 << 10;

  /** Enough to keep a socket busy; a thousand clients then hold 32 MiB. */
  static final int SMALL = 32 << 10;

  /** All large ones together hold 8 MiB. */
  static final int MAX_LARGE = 32;

  private final AtomicInteger large = new AtomicInteger();

  /** The size in bytes of a buffer for one pump, which gives it back by {@link #release}. */
  int take() {
    boolean spare = large.getAndUpdate(n -> Math.min(n + 1, MAX_LARGE)) < MAX_LARGE;
    return spare ? LARGE : SMALL;
  }

  /** Takes note, once for each {@link #take}, that a pump with a buffer of that size has ended. */
  void release(int size) {
    if (size == LARGE) {
      large.decrementAndGet();
    }
  }
}
