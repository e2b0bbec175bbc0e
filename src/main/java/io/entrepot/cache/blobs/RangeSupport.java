package io.entrepot.cache.blobs;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether an upstream sends parts of its blobs as it is asked to. It has shown that by a right
 * answer to a range. After a wrong one, its blobs are fetched by one stream each for a while.
 * Thread-safe.
 */
final class RangeSupport {
  /** How long a wrong answer is remembered. An upstream is seldom mended sooner. */
  static final Duration REFUSED = Duration.ofHours(1);

  private static final Logger log = LoggerFactory.getLogger(RangeSupport.class);

  private final String upstream;
  private final Clock clock;
  private volatile boolean shown;
  private volatile @Nullable Instant refusedUntil;

  /** Knows nothing yet of an upstream. */
  RangeSupport(String upstream, Clock clock) {
    this.upstream = upstream;
    this.clock = clock;
  }

  /** Whether blobs may be fetched in parts: there was no wrong answer lately. */
  boolean isPossible() {
    Instant until = refusedUntil;
    return until == null || !clock.instant().isBefore(until);
  }

  /** Whether the upstream has sent a part as asked, and no wrong one lately. */
  boolean isShown() {
    return shown && isPossible();
  }

  /** The upstream has sent a part as asked. */
  void shown() {
    shown = true;
  }

  /** The upstream has answered wrongly, or has asked for fewer requests. */
  void refused(String why) {
    if (isPossible()) {
      log.info(
          "Blobs of {} are fetched by one stream each for {} minutes: {}",
          upstream,
          REFUSED.toMinutes(),
          why);
    }
    shown = false;
    refusedUntil = clock.instant().plus(REFUSED);
  }
}
