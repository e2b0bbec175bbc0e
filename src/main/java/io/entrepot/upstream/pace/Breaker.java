package io.entrepot.upstream.pace;

import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breaker of one upstream. It decides whether a call may be sent now.
 *
 * <ul>
 *   <li>Closed: all calls are sent.
 *   <li>Open: no call is sent, each fails at once. The breaker opens after a number of silent
 *       failures in a row (no connection, no answer in time, a 5xx), for a rest that doubles each
 *       time. It opens on the first 429 for as long as the upstream asks (F12).
 *   <li>Half open, when the rest is over: one call at a time is sent as a probe, the others still
 *       fail at once. A probe that is answered closes the breaker. A probe that fails silently, or
 *       is answered 429, opens it again.
 * </ul>
 *
 * <p>A blob is answered when its head arrives, but it succeeds only when its body has arrived. When
 * a probe is answered, one more failure before a success opens the breaker again. So an upstream
 * whose bodies always stall does not look healthy. Rests are measured on the monotonic clock (F20).
 * Thread-safe.
 */
public final class Breaker {
  /** When to try again while a probe is under way: nobody knows how long it takes. */
  private static final Duration WHILE_PROBING = Duration.ofSeconds(1);

  private final String upstream;
  private final Restraint rule;
  private final Clock clock;
  private final LongSupplier nanoTime;

  private int failures;
  private int trips;
  private boolean probing;
  private @Nullable Throwable counted;
  private @Nullable Trip trip;

  /** Why the breaker has opened, since when it is open, and until which nanoTime. */
  private record Trip(UpstreamException cause, Instant since, long until) {}

  /**
   * @param upstream its name in messages
   * @param clock dates the moment when it opened
   * @param nanoTime measures rests
   */
  public Breaker(String upstream, Restraint rule, Clock clock, LongSupplier nanoTime) {
    this.upstream = upstream;
    this.rule = rule;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** The state now. */
  public synchronized BreakerStatus status() {
    Trip now = trip;
    if (now == null) {
      return new BreakerStatus(BreakerStatus.State.CLOSED, null, Duration.ZERO);
    }
    Duration left = left(now);
    return new BreakerStatus(
        left.isZero() ? BreakerStatus.State.HALF_OPEN : BreakerStatus.State.OPEN, why(now), left);
  }

  /**
   * Fails where {@link #admit} would fail now.
   *
   * @throws UpstreamException {@link Failure#THROTTLED} after a 429, else {@link
   *     Failure#UNREACHABLE}; with the time after which to try again
   */
  synchronized void check() throws UpstreamException {
    Trip now = trip;
    if (now == null) {
      return;
    }
    Duration left = left(now);
    if (left.isZero() && !probing) {
      return;
    }
    boolean throttled = now.cause().failure() == Failure.THROTTLED;
    throw new UpstreamException(
        throttled ? Failure.THROTTLED : Failure.UNREACHABLE,
        why(now),
        left.isZero() ? WHILE_PROBING : left,
        now.cause());
  }

  /**
   * Lets a call pass.
   *
   * @return takes how the call ended; the caller must close it
   * @throws UpstreamException as {@link #check}
   */
  synchronized Pass admit() throws UpstreamException {
    check();
    probing = trip != null;
    return new Pass(probing);
  }

  private Duration left(Trip now) {
    return Duration.ofNanos(Math.max(0, now.until() - nanoTime.getAsLong()));
  }

  private String why(Trip now) {
    String reason =
        now.cause().failure() == Failure.THROTTLED
            ? "it asked us to slow down"
            : "it failed " + failures + " times in a row, last by";
    return upstream
        + " is not asked since "
        + now.since()
        + ": "
        + reason
        + ": "
        + now.cause().getMessage();
  }

  /** One call that was let through. Any thread may report to it; late reports are ignored. */
  final class Pass implements AutoCloseable {
    private boolean probe;

    private Pass(boolean probe) {
      this.probe = probe;
    }

    /** The head of an answer has arrived. */
    void answered() {
      synchronized (Breaker.this) {
        if (probe) {
          failures = Math.min(failures, rule.failures() - 1);
          trip = null;
        }
        endProbe();
      }
    }

    /** The whole answer has arrived, or an answer that says nothing against the upstream. */
    void succeeded() {
      synchronized (Breaker.this) {
        answered();
        if (trip == null) {
          failures = 0;
          trips = 0;
        }
      }
    }

    /**
     * The call has failed. Where a host failed to which the upstream redirects, the upstream itself
     * has answered.
     */
    void failed(UpstreamException e) {
      synchronized (Breaker.this) {
        if (e.isOfTarget()) {
          succeeded();
          return;
        }
        switch (e.failure()) {
          case THROTTLED -> open(e, rule.throttledRest(e.retryAfter().orElse(null)));
          case UNREACHABLE, TIMEOUT -> silent(e);
          case NOT_FOUND, DENIED, LOOP, INVALID -> succeeded();
          case BUSY, OFFLINE -> {
            // Nothing was sent, so nothing is known about the upstream.
          }
        }
        endProbe();
      }
    }

    private void silent(UpstreamException e) {
      if (!probe && (trip != null || isCounted(e))) {
        return;
      }
      failures++;
      if (probe || failures >= rule.failures()) {
        open(e, rule.rest(trips++));
      }
    }

    /** Many calls can wait for one token. When it fails, they all fail, but that is one failure. */
    private boolean isCounted(UpstreamException e) {
      Throwable root = e.getCause() instanceof UpstreamException shared ? shared : e;
      boolean before = root == counted;
      counted = root;
      return before;
    }

    private void open(UpstreamException e, Duration rest) {
      long until = nanoTime.getAsLong() + rest.toNanos();
      Trip before = trip;
      boolean later = before == null || until - before.until() > 0;
      if (later) {
        trip = new Trip(e, before == null ? clock.instant() : before.since(), until);
      }
    }

    private void endProbe() {
      if (probe) {
        probe = false;
        probing = false;
      }
    }

    /** Lets the next probe go, where this one ended without a report. */
    @Override
    public void close() {
      synchronized (Breaker.this) {
        endProbe();
      }
    }
  }
}
