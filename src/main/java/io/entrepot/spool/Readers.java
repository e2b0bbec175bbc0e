package io.entrepot.spool;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * The readers of one spool file, and which of them wait for bytes. The fill and each reader hold
 * the file; when the last of them releases it, it is closed. Thread-safe.
 */
final class Readers {
  private final Runnable close;
  private final AtomicInteger holds = new AtomicInteger(1);
  private final Set<SpoolReader> readers = ConcurrentHashMap.newKeySet();
  private final Set<Parked> parked = ConcurrentHashMap.newKeySet();

  /** A reader that waits for the byte at an offset. */
  private record Parked(SpoolReader reader, long offset, Runnable wake) {}

  /** Tells whether a reader need not wait for the byte at an offset any more. */
  @FunctionalInterface
  interface Due {
    boolean isDue(SpoolReader reader, long offset);
  }

  /**
   * Begins with the hold of the fill.
   *
   * @param close runs when nobody holds the file any more
   */
  Readers(Runnable close) {
    this.close = close;
  }

  /** Adds one hold. Returns false if the file is closed already. */
  boolean hold() {
    return holds.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  /** Gives up one hold. */
  void release() {
    if (holds.decrementAndGet() == 0) {
      close.run();
    }
  }

  /** Adds a reader, which has a hold. */
  void add(SpoolReader reader) {
    readers.add(reader);
  }

  /** Removes a reader. Returns whether it was there; then its hold must be released. */
  boolean remove(SpoolReader reader) {
    return readers.remove(reader);
  }

  int count() {
    return readers.size();
  }

  boolean isEmpty() {
    return readers.isEmpty();
  }

  void forEach(Consumer<SpoolReader> action) {
    readers.forEach(action);
  }

  /** Wakes a reader once, when that is due. */
  void park(SpoolReader reader, long offset, Runnable wake, Due due) {
    Parked waiting = new Parked(reader, offset, wake);
    parked.add(waiting);
    wake(waiting, due);
  }

  /** Wakes those for whom it is due. */
  void wake(Due due) {
    parked.forEach(waiting -> wake(waiting, due));
  }

  private void wake(Parked waiting, Due due) {
    if (due.isDue(waiting.reader(), waiting.offset()) && parked.remove(waiting)) {
      waiting.wake().run();
    }
  }
}
