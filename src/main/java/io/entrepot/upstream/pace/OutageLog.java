package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamException.Place;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells the outages of one upstream: at WARN once when one begins, and at INFO when it ends. An
 * outage is silence (no connection, no answer in time, a gateway's 502 to 504) or a 429. An
 * upstream that fails and recovers all the time would fill the log. So shortly after an outage only
 * several failures in a row begin the next. Thread-safe.
 */
public final class OutageLog {
  private static final Logger LOG = LoggerFactory.getLogger(OutageLog.class);

  private static final long CALM = Duration.ofMinutes(1).toNanos();
  private static final int MANY = 5;

  private final String upstream;
  private final LongSupplier nanoTime;
  private int failures;
  private long firstFailure;
  private boolean told;
  private boolean restless;
  private long lastEnd;

  /**
   * @param upstream its name in messages
   * @param nanoTime measures outages
   */
  public OutageLog(String upstream, LongSupplier nanoTime) {
    this.upstream = upstream;
    this.nanoTime = nanoTime;
  }

  /** Whether a failure belongs to an outage of the upstream itself. */
  static boolean isOutage(UpstreamException e) {
    return switch (e.failure()) {
      case UNREACHABLE, TIMEOUT -> e.place() == Place.CONNECTION || e.place() == Place.UPSTREAM;
      case THROTTLED -> !e.isOfTarget();
      case NOT_FOUND, DENIED, REFUSED, LOOP, INVALID, BUSY, OFFLINE -> false;
    };
  }

  /** A call has failed by an outage. */
  synchronized void failed(UpstreamException e) {
    long now = nanoTime.getAsLong();
    if (failures++ == 0) {
      firstFailure = now;
    }
    boolean calm = !restless || now - lastEnd >= CALM;
    if (!told && (calm || failures >= MANY)) {
      told = true;
      LOG.warn(
          "Upstream {} {}; the cache serves what it has: {}",
          upstream,
          e.failure() == Failure.THROTTLED ? "asks us to slow down" : "does not answer",
          e.getMessage());
    }
  }

  /** A call has been answered. */
  synchronized void answered() {
    failures = 0;
    if (told) {
      told = false;
      restless = true;
      lastEnd = nanoTime.getAsLong();
      LOG.info(
          "Upstream {} answers again after {} s",
          upstream,
          Duration.ofNanos(lastEnd - firstFailure).toSeconds());
    }
  }
}
