package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The right of one call to be under way, by every cap of an upstream. The call holds it until it is
 * closed. Thread-safe.
 */
final class Permit implements AutoCloseable {
  private final List<Cap> caps;
  private final int maxRead;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Permit(List<Cap> caps) {
    this.caps = caps;
    this.maxRead = caps.stream().mapToInt(Cap::maxRead).min().orElse(Integer.MAX_VALUE);
  }

  /**
   * Waits for a place under each cap, in their order. The narrowest comes first, so that a call
   * which waits for a wide cap holds places of narrow ones only.
   */
  static Permit acquire(List<Cap> caps) throws UpstreamException {
    int entered = 0;
    try {
      for (Cap cap : caps) {
        cap.enter();
        entered++;
      }
      return new Permit(caps);
    } finally {
      if (entered < caps.size()) {
        caps.subList(0, entered).forEach(Cap::leave);
      }
    }
  }

  /** How many bytes to read at a time at most. */
  int maxRead() {
    return maxRead;
  }

  /** Waits as long as the caps want after these bytes were read. */
  void delay(int bytes) throws InterruptedIOException {
    for (Cap cap : caps) {
      cap.delay(bytes);
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      caps.forEach(Cap::leave);
    }
  }
}
