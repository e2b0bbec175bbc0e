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
 * The requests under way, and the door by which they come in. Before a stop the door is shut: who
 * is inside may finish, for a while, and who is not is told to come again later. Thread-safe.
 */
public final class Exchanges {
  private static final Logger log = LoggerFactory.getLogger(Exchanges.class);

  /** A restart takes seconds, and clients that come too early are told again. */
  private static final Duration COME_AGAIN = Duration.ofSeconds(10);

  /** What a server may take to cut connections off; it has threads of its own for that. */
  private static final Duration LAST_WORDS = Duration.ofSeconds(2);

  private final Duration drainTimeout;
  private final Set<Exchange> inside = ConcurrentHashMap.newKeySet();
  private volatile boolean shut;
  private volatile long deadlineNanos;

  /**
   * An open door.
   *
   * @param drainTimeout how long {@link #drain} lets requests finish
   */
  public Exchanges(Duration drainTimeout) {
    this.drainTimeout = drainTimeout;
  }

  /**
   * Lets a request in.
   *
   * @throws OciException when the door is shut
   */
  void enter(Exchange exchange) {
    inside.add(exchange);
    // Looked at after the entry: either this sees the door shut, or the drain sees who is inside.
    if (shut) {
      leave(exchange);
      throw stopping();
    }
  }

  /** Lets it out; again does nothing. */
  void leave(Exchange exchange) {
    inside.remove(exchange);
    if (shut) {
      synchronized (this) {
        notifyAll();
      }
    }
  }

  /** What those are told that cannot be served any more. */
  static OciException stopping() {
    return new OciException(
        OciError.UNAVAILABLE, "this cache is about to stop; come again", COME_AGAIN, null);
  }

  /** How many requests are under way, responses that the server sends on its own not counted. */
  public int count() {
    return inside.size();
  }

  /** That the door is shut, for those who ask whether this cache is ready. */
  public Optional<String> trouble() {
    return shut
        ? Optional.of("about to stop, with " + count() + " requests under way")
        : Optional.empty();
  }

  /** Shuts the door: who comes from now on gets a 503, and who is inside has limited time. */
  public synchronized void shut() {
    if (!shut) {
      deadlineNanos = System.nanoTime() + drainTimeout.toNanos();
      shut = true;
      log.info("No more requests are taken; {} are under way", count());
    }
  }

  /**
   * Shuts the door, lets requests finish until the drain timeout is over, and cuts off what is
   * left. Where the door was shut before, the time has run since then.
   */
  public void drain() {
    shut();
    try {
      if (!awaitEmpty(deadlineNanos)) {
        log.warn("{} requests are cut off after {}", count(), drainTimeout);
        inside.forEach(Exchange::cut);
        awaitEmpty(System.nanoTime() + LAST_WORDS.toNanos());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private synchronized boolean awaitEmpty(long untilNanos) throws InterruptedException {
    while (!inside.isEmpty()) {
      long left = untilNanos - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      TimeUnit.NANOSECONDS.timedWait(this, left);
    }
    return true;
  }
}
