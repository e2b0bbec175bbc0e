package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The set of unfinished requests. Before the application stops, new requests are refused with
 * status 503, and unfinished requests have limited time to finish. Thread-safe.
 */
public final class Exchanges {
  private static final Logger log = LoggerFactory.getLogger(Exchanges.class);

  /**
   * The {@code Retry-After} of refused requests. A restart takes seconds. A client that asks too
   * early is refused once more.
   */
  private static final Duration RETRY_AFTER = Duration.ofSeconds(10);

  /** How long the server may take to cut connections off. It does that on its own threads. */
  private static final Duration CUT_TIMEOUT = Duration.ofSeconds(2);

  private final Duration drainTimeout;
  private final Set<Exchange> unfinished = ConcurrentHashMap.newKeySet();
  private volatile boolean shut;
  private volatile long deadlineNanos;

  /**
   * Makes an empty set, which admits requests.
   *
   * @param drainTimeout how long {@link #drain} waits for unfinished requests
   */
  public Exchanges(Duration drainTimeout) {
    this.drainTimeout = drainTimeout;
  }

  /**
   * Adds a request.
   *
   * @throws OciException with status 503 after {@link #shut}
   */
  void enter(Exchange exchange) {
    unfinished.add(exchange);
    // Checked after the request was added: either this thread sees the flag, or drain() sees the
    // request.
    if (shut) {
      leave(exchange);
      throw stopping();
    }
  }

  /** Removes a request. May be called more than once. */
  void leave(Exchange exchange) {
    unfinished.remove(exchange);
    if (shut) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /** The error for requests that are refused or cut off because the application stops. */
  static OciException stopping() {
    return new OciException(
        OciError.UNAVAILABLE, "this cache is about to stop; try again later", RETRY_AFTER, null);
  }

  /** The number of unfinished requests, without those whose file the server sends by itself. */
  public int count() {
    return unfinished.size();
  }

  /** Why this cache is not ready; empty if it admits requests. For the health check. */
  public Optional<String> trouble() {
    return shut
        ? Optional.of("about to stop, with " + count() + " unfinished requests")
        : Optional.empty();
  }

  /** Refuses requests from now on with status 503, and starts the time limit of unfinished ones. */
  public synchronized void shut() {
    if (!shut) {
      deadlineNanos = System.nanoTime() + drainTimeout.toNanos();
      shut = true;
      log.info("New requests are refused from now on; {} requests are unfinished", count());
    }
  }

  /**
   * Refuses new requests, waits for unfinished ones until the drain timeout is over, and cuts off
   * the rest. If {@link #shut} was called before, the timeout counts from then.
   */
  public void drain() {
    shut();
    try {
      if (!awaitEmpty(deadlineNanos)) {
        log.warn("{} requests have not finished within {} and are cut off", count(), drainTimeout);
        unfinished.forEach(Exchange::cut);
        awaitEmpty(System.nanoTime() + CUT_TIMEOUT.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitEmpty(long untilNanos) throws InterruptedException {
    while (!unfinished.isEmpty()) {
      long left = untilNanos - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }
}
