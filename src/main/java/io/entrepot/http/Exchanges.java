package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
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

  /** How often it is looked for responses that the server takes too long to send. */
  private static final Duration LOOK = Duration.ofMillis(100);

  /** How long the server may take to cut connections off. It does that on its own threads. */
  private static final Duration CUT_TIMEOUT = Duration.ofSeconds(2);

  private final Duration drainTimeout;
  private final Set<Exchange> unfinished = ConcurrentHashMap.newKeySet();

  /**
   * The requests that have ended, and whose responses the server still sends or cuts off. The value
   * is when to stop waiting for it, in the time of {@link System#nanoTime}. Not every server always
   * says when it is done. So what has waited long enough is removed, and the map holds only what
   * has ended within that time.
   */
  private final Map<Exchange, Long> closing = new ConcurrentHashMap<>();

  private volatile long lookedAt = System.nanoTime();

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
    closing.remove(exchange);
    wakeDrain();
  }

  /**
   * Counts a request as ended whose response is complete. The server still sends the last bytes.
   */
  void sending(Exchange exchange) {
    close(exchange, drainTimeout);
  }

  /** Counts a request as ended whose response the server is to cut off. */
  void cutting(Exchange exchange) {
    close(exchange, CUT_TIMEOUT);
  }

  private void close(Exchange exchange, Duration patience) {
    long now = System.nanoTime();
    closing.put(exchange, now + patience.toNanos());
    unfinished.remove(exchange);
    if (now - lookedAt >= LOOK.toNanos()) {
      removeOverdue(now);
    }
    wakeDrain();
  }

  private void removeOverdue(long now) {
    lookedAt = now;
    closing.values().removeIf(until -> until - now <= 0);
  }

  private void wakeDrain() {
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
   * the rest. If {@link #shut} was called before, the timeout counts from then. Waits also until
   * the server has sent or cut off the responses of requests that have ended.
   */
  public void drain() {
    shut();
    try {
      if (!await(unfinished::isEmpty, deadlineNanos)) {
        log.info("{} requests have not finished within {} and are cut off", count(), drainTimeout);
        unfinished.forEach(Exchange::cut);
      }
      long untilCut = System.nanoTime() + CUT_TIMEOUT.toNanos();
      await(this::isQuiet, Math.max(deadlineNanos, untilCut));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private boolean isQuiet() {
    removeOverdue(System.nanoTime());
    return unfinished.isEmpty() && closing.isEmpty();
  }

  private synchronized boolean await(BooleanSupplier reached, long untilNanos)
      throws InterruptedException {
    while (!reached.getAsBoolean()) {
      long left = untilNanos - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, Math.min(left, LOOK.toNanos()));
    }
    return true;
  }
}
