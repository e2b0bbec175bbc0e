package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamException;
import java.io.InterruptedIOException;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/** A place under every cap of an upstream, held by one call until it is closed. Thread-safe. */
final class Permit implements AutoCloseable {
  private final List<Cap> caps;
  private final int piece;
  private final AtomicBoolean closed = new AtomicBoolean();

  private Permit(List<Cap> caps) {
    this.caps = caps;
    this.piece = caps.stream().mapToInt(Cap::piece).min().orElse(Integer.MAX_VALUE);
  }

  /**
   * Waits for a place under each, one after the other in their order: who waits for a wide cap
   * holds only narrower ones.
   */
  static Permit under(List<Cap> caps) throws UpstreamException {
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

  int piece() {
    return piece;
  }

  void pay(int bytes) throws InterruptedIOException {
    for (Cap cap : caps) {
      cap.pay(bytes);
    }
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      caps.forEach(Cap::leave);
    }
  }
}
