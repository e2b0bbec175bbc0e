package io.entrepot.cache;

import java.io.IOException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The readers of a fill that wait for more bytes, and the failure of the fill. It holds at most one
 * action for each reader, so its size is limited by the number of clients. Thread-safe.
 */
public final class ParkedReaders {
  private final Set<Runnable> parked = ConcurrentHashMap.newKeySet();
  private volatile @Nullable RuntimeException failure;

  void park(Runnable wake) {
    parked.add(wake);
  }

  /** Runs an action, unless it has already been run. */
  void unpark(Runnable wake) {
    if (parked.remove(wake)) {
      wake.run();
    }
  }

  /** Wakes all readers. To be called when the watermark has risen. */
  public void wakeAll() {
    for (Runnable wake : parked) {
      unpark(wake);
    }
  }

  /** Wakes all readers, which then fail. To be called when the fill has failed. */
  public void fail(RuntimeException reason) {
    failure = reason;
    wakeAll();
  }

  boolean hasFailed() {
    return failure != null;
  }

  void checkNotFailed() throws IOException {
    RuntimeException reason = failure;
    if (reason != null) {
      throw new IOException(reason.getMessage(), reason);
    }
  }
}
