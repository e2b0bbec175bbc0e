package io.entrepot.upstream;

import java.net.URI;
import java.time.Duration;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells when another registry is asked in place of one: at WARN once when that begins, with the
 * reason, and at INFO when the one answers again. One that fails now and then would fill the log.
 * So within a minute after it is back, nothing is told. Thread-safe.
 */
final class FailoverLog {
  private static final Logger LOG = LoggerFactory.getLogger(FailoverLog.class);

  private static final long CALM = Duration.ofMinutes(1).toNanos();

  private final URI registry;
  private final LongSupplier nanoTime;
  private boolean told;
  private boolean wasBack;
  private long backAt;

  /**
   * @param registry the one that is replaced
   * @param nanoTime measures the minute
   */
  FailoverLog(URI registry, LongSupplier nanoTime) {
    this.registry = registry;
    this.nanoTime = nanoTime;
  }

  /** A call has failed, and the next registry is asked. */
  synchronized void replaced(URI next, UpstreamException why) {
    if (!told && (!wasBack || nanoTime.getAsLong() - backAt >= CALM)) {
      told = true;
      LOG.warn("{} is asked in place of {}: {}", next, registry, why.getMessage());
    }
  }

  /** A call has been answered. */
  synchronized void answered() {
    if (told) {
      told = false;
      wasBack = true;
      backAt = nanoTime.getAsLong();
      LOG.info("{} answers again, and is asked itself", registry);
    }
  }
}
