package io.entrepot.store;

/** Decides how fast a whole blob is read, by the waits between two pieces. */
@FunctionalInterface
public interface ReadPace {
  /** As fast as the disk gives it. */
  ReadPace FULL = bytes -> {};

  /**
   * Waits as long as it likes after a piece.
   *
   * @param bytes how many the piece had
   */
  void afterReading(long bytes) throws InterruptedException;
}
