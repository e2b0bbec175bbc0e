package io.entrepot.store;

/** How fast a whole blob is read: waits as it likes between two pieces. */
@FunctionalInterface
public interface ReadPace {
  /** As fast as the disk gives it. */
  ReadPace FULL = bytes -> {};

  /** Waits after so many bytes were read. */
  void afterReading(long bytes) throws InterruptedException;
}
