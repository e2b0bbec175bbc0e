package io.entrepot.upstream.auth;

import java.time.Duration;
import java.time.Instant;

/**
 * A token and how long it is good for, by our own clock: the service's {@code issued_at} is not
 * believed, since its clock may differ.
 *
 * @param received when it came
 * @param lifetime more than zero
 */
record Token(String secret, Instant received, Duration lifetime) {
  private static final Duration MAX_MARGIN = Duration.ofSeconds(20);

  /**
   * Whether to use it still. It is renewed a tenth of its life before its end, 20 seconds at most;
   * and when the clock has gone back behind its birth nothing is known of its age.
   */
  boolean isFresh(Instant now) {
    Duration tenth = lifetime.dividedBy(10);
    Duration margin = tenth.compareTo(MAX_MARGIN) < 0 ? tenth : MAX_MARGIN;
    return !now.isBefore(received) && now.isBefore(received.plus(lifetime).minus(margin));
  }

  @Override
  public String toString() {
    return "Token[***, " + received + ", " + lifetime + "]";
  }
}
