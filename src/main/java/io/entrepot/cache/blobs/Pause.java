package io.entrepot.cache.blobs;

import java.io.IOException;
import java.time.Duration;

/** The wait of a fill between an interruption of the upstream's response and the next attempt. */
@FunctionalInterface
public interface Pause {
  /**
   * Blocks the fill for a while.
   *
   * @param number the number of the interruption, from 1
   * @param asked the wait that the upstream or its breaker has asked for, or zero
   * @throws IOException if the wait is interrupted because the application stops
   */
  void beforeTry(int number, Duration asked) throws IOException;

  /**
   * The longest wait, because the clients of the fill wait too. If the upstream asks for a longer
   * wait, the next attempt still comes after this time.
   */
  Duration LONGEST = Duration.ofSeconds(10);

  /**
   * A wait of 100 ms that is four times longer at each attempt, so that three attempts give a
   * restarting upstream two seconds. If the upstream asks for a longer wait, that one, but at most
   * {@link #LONGEST}.
   */
  static Pause growing() {
    return (number, asked) -> {
      try {
        Duration bounded = asked.compareTo(LONGEST) < 0 ? asked : LONGEST;
        Thread.sleep(Math.max(100L << (2 * (number - 1)), bounded.toMillis() + 1));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("the application stops", e);
      }
    };
  }
}
