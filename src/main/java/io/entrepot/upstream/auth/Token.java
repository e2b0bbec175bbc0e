package io.entrepot.upstream.auth;

import io.entrepot.memory.Weight;
import io.entrepot.upstream.TimeSpan;
import java.time.Duration;
import java.time.Instant;

/**
 * A token, and how long it is valid by our own clock. The service's {@code issued_at} is not used,
 * since its clock may differ.
 *
 * @param received when it came
 * @param lifetime more than zero
 */
public record Token(String secret, Instant received, Duration lifetime) {
  private static final Duration MAX_MARGIN = Duration.ofSeconds(20);

  /**
   * Whether to use it still. It is renewed before its end: by a tenth of its lifetime, but 20
   * seconds at most.
   */
  boolean isFresh(Instant now) {
    Duration tenth = lifetime.dividedBy(10);
    Duration margin = tenth.compareTo(MAX_MARGIN) < 0 ? tenth : MAX_MARGIN;
    return new TimeSpan(received, lifetime.minus(margin)).contains(now);
  }

  /** The bytes of memory that it takes. */
  int weight() {
    return 3 * Weight.RECORD + Weight.ofAscii(secret);
  }

  @Override
  public String toString() {
    return "Token[***, " + received + ", " + lifetime + "]";
  }
}
