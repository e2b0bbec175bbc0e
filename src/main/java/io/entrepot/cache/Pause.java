package io.entrepot.cache;

import java.io.IOException;

/** The wait between a break of the upstream and the next try. */
@FunctionalInterface
public interface Pause {
  /**
   * Blocks the fill for a while.
   *
   * @param number of the break, from 1
   * @throws IOException when the wait is interrupted because the application stops
   */
  void beforeTry(int number) throws IOException;

  /** 100 ms, then four times as long each time: gives a restarting upstream two seconds in all. */
  static Pause growing() {
    return number -> {
      try {
        Thread.sleep(100L << (2 * (number - 1)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("the application stops", e);
      }
    };
  }
}
