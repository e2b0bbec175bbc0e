package io.entrepot.cache.blobs;

import java.io.IOException;
import java.time.Duration;

/** The wait between a break of the upstream and the next try. */
@FunctionalInterface
public interface Pause {
  /**
   * Blocks the fill for a while.
   *
   * @param number of the break, from 1
   * @param asked by the upstream, or by what spares it; zero where nothing is asked
   * @throws IOException when the wait is interrupted because the application stops
   */
  void beforeTry(int number, Duration asked) throws IOException;

  /** A fill that waits keeps its clients waiting; what asks for longer is tried before its time. */
  Duration LONGEST = Duration.ofSeconds(10);

  /**
   * 100 ms, then four times as long each time: gives a restarting upstream two seconds in all; or
   * as long as is asked, {@link #LONGEST} at most.
   */
  static Pause growing() {
    return (number, asked) -> {
      try {
        Duration heard = asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
        Thread.sleep(Math.max(100L << (2 * (number - 1)), heard.toMillis() + 1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("the application stops", e);
      }
    };
  }
}
