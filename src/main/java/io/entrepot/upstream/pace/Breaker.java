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
 * The circuit breaker of one upstream: it says whether a call may be sent now.
 *
 * <ul>
 *   <li>Closed: all calls go.
 *   <li>Open: none goes, each fails at once. It opens after so many silent failures in a row, for a
 *       rest that doubles each time, and on the first 429, for as long as the upstream asks (F12).
 *   <li>Half open, once the rest is over: one call at a time goes as a probe, the others still fail
 *       at once. The first probe that is answered closes the breaker; one that is not, or is
 *       answered 429, opens it again.
 * </ul>
 *
 * <p>A blob is answered when its head arrives and has succeeded only when its body has: between the
 * two one more failure opens the breaker again, so that an upstream whose heads are fine and whose
 * bodies always stall does not pass for a healthy one. Rests are measured on the monotonic clock
 * (F20). Thread-safe.
 */
public final class Breaker {
  /** What to tell those who come while a probe is out, who cannot know how long it takes. */
  private static final Duration WHILE_PROBING = Duration.ofSeconds(1);

  private final String upstream;
  private final Restraint rule;
  private final Clock clock;
  private final LongSupplier nanoTime;

  private int failures;
  private int openings;
  private boolean probing;
  private @Nullable Throwable counted;
  private @Nullable Opening opening;

  /** Why the breaker is open, since when, and until which nanoTime. */
  private record Opening(UpstreamException cause, Instant since, long until) {}

  /**
   * @param upstream what to call it in messages
   * @param clock dates what is told of an opening
   * @param nanoTime measures rests
   */
  public Breaker(String upstream, Restraint rule, Clock clock, LongSupplier nanoTime) {
    this.upstream = upstream;
    this.rule = rule;
    this.clock = clock;
    this.nanoTime = nanoTime;
  }

  /** How it stands now. */
  public synchronized BreakerStatus status() {
    Opening now = opening;
    if (now == null) {
      return new BreakerStatus(BreakerStatus.State.CLOSED, null, Duration.ZERO);
    }
    Duration left = left(now);
    return new BreakerStatus(
        left.isZero() ? BreakerStatus.State.HALF_OPEN : BreakerStatus.State.OPEN, why(now), left);
  }

  /**
   * Fails where {@link #admit} would, and promises nothing.
   *
   * @throws UpstreamException {@link Failure#THROTTLED} after a 429, else {@link
   *     Failure#UNREACHABLE}; with the time after which to try again
   */
  synchronized void check() throws UpstreamException {
    Opening now = opening;
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
   * Lets a call go.
   *
   * @return where the call must tell how it ended; to be closed in the end
   * @throws UpstreamException as {@link #check}
   */
  synchronized Pass admit() throws UpstreamException {
    check();
    probing = opening != null;
    return new Pass(probing);
  }

  private Duration left(Opening now) {
    return Duration.ofNanos(Math.max(0, now.until() - nanoTime.getAsLong()));
  }

  private String why(Opening now) {
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

  /** The way of one call through the breaker. Any thread may tell; what is told late is ignored. */
  final class Pass implements AutoCloseable {
    private boolean probe;

    private Pass(boolean probe) {
      this.probe = probe;
    }

    /** The head of an answer has come. */
    void answered() {
      synchronized (Breaker.this) {
        if (probe) {
          failures = Math.min(failures, rule.failures() - 1);
          opening = null;
        }
        endProbe();
      }
    }

    /** The call got all it wanted, or an answer that only the asker is to blame for. */
    void succeeded() {
      synchronized (Breaker.this) {
        answered();
        if (opening == null) {
          failures = 0;
          openings = 0;
        }
      }
    }

    void failed(UpstreamException e) {
      synchronized (Breaker.this) {
        switch (e.failure()) {
          case THROTTLED -> open(e, rule.throttledRest(e.retryAfter().orElse(null)));
          case UNREACHABLE, TIMEOUT -> silent(e);
          case NOT_FOUND, DENIED, INVALID -> succeeded();
          case BUSY, OFFLINE -> {
            // It was not the upstream that failed: nothing is known of it.
          }
        }
        endProbe();
      }
    }

    private void silent(UpstreamException e) {
      if (!probe && (opening != null || isCounted(e))) {
        return;
      }
      failures++;
      if (probe || failures >= rule.failures()) {
        open(e, rule.rest(openings++));
      }
    }

    /** Many calls may wait for one token: its failure is one, however many it fails. */
    private boolean isCounted(UpstreamException e) {
      Throwable origin = e.getCause() instanceof UpstreamException shared ? shared : e;
      boolean before = origin == counted;
      counted = origin;
      return before;
    }

    private void open(UpstreamException e, Duration rest) {
      long until = nanoTime.getAsLong() + rest.toNanos();
      Opening before = opening;
      boolean later = before == null || until - before.until() > 0;
      if (later) {
        opening = new Opening(e, before == null ? clock.instant() : before.since(), until);
      }
    }

    private void endProbe() {
      if (probe) {
        probe = false;
        probing = false;
      }
    }

    /** Gives the turn of a probe on that ended without a word. */
    @Override
    public void close() {
      synchronized (Breaker.this) {
        endProbe();
      }
    }
  }
}
