package io.entrepot.upstream;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * How a circuit breaker stands.
 *
 * @param why it is not closed, since when, and by which failure; null when it is closed
 * @param left until it is half open; zero unless it is open
 */
public record BreakerStatus(State state, @Nullable String why, Duration left) {
  /** Whether calls go through. */
  public enum State {
    /** All do. */
    CLOSED,
    /** One at a time does. */
    HALF_OPEN,
    /** None does. */
    OPEN
  }
}
