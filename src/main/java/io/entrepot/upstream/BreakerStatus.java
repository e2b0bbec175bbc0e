package io.entrepot.upstream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * The present state of a circuit breaker.
 *
 * @param why it is not closed: since when, and by which failure; null when it is closed
 * @param left time until it is half open; zero unless it is open
 */
public record BreakerStatus(State state, @Nullable String why, Duration left) {
  /** Which calls are sent. */
  public enum State {
    /** All calls. */
    CLOSED,
    /** One call at a time, as a probe. */
    HALF_OPEN,
    /** No call. */
    OPEN
  }
}
