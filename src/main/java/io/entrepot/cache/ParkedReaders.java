package io.entrepot.cache;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The waiting room of a blob under way: parked readers, and word of a failure. It holds at most one
 * wake per reader, so it is bounded by the number of clients. Thread-safe.
 */
public final class ParkedReaders {
  private final Set<Runnable> parked = ConcurrentHashMap.newKeySet();
  private volatile @Nullable RuntimeException failure;

  void park(Runnable wake) {
    parked.add(wake);
  }

  /** Runs a wake, unless it has just been run. */
  void unpark(Runnable wake) {
    if (parked.remove(wake)) {
      wake.run();
    }
  }

  /** The watermark has risen. */
  public void wakeAll() {
    for (Runnable wake : parked) {
      unpark(wake);
    }
  }

  /** Nothing more will come. */
  public void fail(RuntimeException why) {
    failure = why;
    wakeAll();
  }

  boolean hasFailed() {
    return failure != null;
  }

  void checkNotFailed() throws IOException {
    RuntimeException why = failure;
    if (why != null) {
      throw new IOException(why.getMessage(), why);
    }
  }
}
