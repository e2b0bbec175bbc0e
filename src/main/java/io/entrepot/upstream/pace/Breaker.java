package io.entrepot.upstream.pace;

import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamException.Place;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The circuit breaker of one upstream. It decides whether a call may be sent now. It judges the way
 * to the upstream, and not one resource.
 *
 * <ul>
 *   <li>Closed: all calls are sent.
 *   <li>Open: no call is sent, each fails at once. The breaker opens after a number of silent
 *       failures in a row. A connection that cannot be made counts each time. Silence, or a
 *       gateway's 502 to 504, counts once for each resource (S27). It opens on the first 429 for as
 *       long as the upstream asks (F12).
 *   <li>After silence, a probe of our own looks whether the upstream answers again. It goes out
 *       when the rest is over, and only if a call has been refused since. No client waits for it
 *       (F32). A probe that is answered closes the breaker. One that fails opens it for a rest that
 *       doubles each time.
 *   <li>After a 429, when the rest is over, the breaker is half open: one call at a time is sent as
 *       a probe, the others still fail at once. A question of our own could not tell: the upstream
 *       may count it apart.
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

  /** A rest that becomes longer by less than this is not told again. */
  private static final Duration WORTH_TELLING = Duration.ofMillis(500);

  private final String upstream;
  private final Restraint rule;
  private final Clock clock;
  private final LongSupplier nanoTime;
  private final Consumer<Duration> prober;
  private volatile BiConsumer<Duration, String> onThrottle = (rest, why) -> {};

  /**
   * What has failed since the last success: resources, and failures to connect. The oldest first,
   * and no more than are needed to open the breaker.
   */
  private final Set<Object> failed = new LinkedHashSet<>();

  private int trips;
  private boolean probing;
  private @Nullable UpstreamException counted;
  private @Nullable Trip trip;

  /** Why the breaker has opened, since when it is open, and until which nanoTime. */
  private record Trip(UpstreamException cause, Instant since, long until) {
    boolean isThrottle() {
      return cause.failure() == Failure.THROTTLED;
    }
  }

  /**
   * @param upstream its name in messages
   * @param clock dates the moment when it opened
   * @param nanoTime measures rests
   * @param prober starts a probe after a time, on another thread, by {@link PacedCalls#probe}. It
   *     must not block. If it cannot start one, it calls {@link #probeLost}.
   */
  public Breaker(
      String upstream,
      Restraint rule,
      Clock clock,
      LongSupplier nanoTime,
      Consumer<Duration> prober) {
    this.upstream = upstream;
    this.rule = rule;
    this.clock = clock;
    this.nanoTime = nanoTime;
    this.prober = prober;
  }

  /**
   * Sets a listener of rests that the upstream has asked for.
   *
   * @param listener gets how long it asked for, and in which words. It must not block.
   */
  public void onThrottle(BiConsumer<Duration, String> listener) {
    onThrottle = listener;
  }

  /** Rests as another node of the cluster does, which the upstream has asked to slow down. */
  public synchronized void restToo(Duration rest, String why) {
    UpstreamException cause = new UpstreamException(Failure.THROTTLED, why);
    var unused = open(cause, rule.throttledRest(rest));
  }

  /** Returns by how much longer the breaker is open. */
  private Duration open(UpstreamException e, Duration rest) {
    long now = nanoTime.getAsLong();
    long until = now + rest.toNanos();
    Trip before = trip;
    if (before != null && until - before.until() <= 0) {
      return Duration.ZERO;
    }
    trip = new Trip(e, before == null ? clock.instant() : before.since(), until);
    long from = before == null ? now : Math.max(now, before.until());
    return Duration.ofNanos(until - from);
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
    if (now.isThrottle() && left.isZero() && !probing) {
      return;
    }
    if (!now.isThrottle() && !probing) {
      probing = true;
      prober.accept(left);
    }
    throw new UpstreamException(
        now.isThrottle() ? Failure.THROTTLED : Failure.UNREACHABLE,
        why(now),
        left.isZero() ? WHILE_PROBING : left,
        now.cause());
  }

  /**
   * Lets a call pass.
   *
   * @param resource what is asked for
   * @return takes how the call ended; the caller must close it
   * @throws UpstreamException as {@link #check}
   */
  synchronized Pass admit(String resource) throws UpstreamException {
    check();
    probing = trip != null;
    return new Pass(resource, probing);
  }

  /**
   * Lets the probe pass that was started.
   *
   * @return null if none is wanted any more: the breaker has closed, or the upstream has asked us
   *     to slow down
   */
  synchronized @Nullable Pass probe(String resource) {
    if (trip == null || trip.isThrottle()) {
      probing = false;
      return null;
    }
    return new Pass(resource, true);
  }

  /** A probe could not be started. The next call that is refused starts another. */
  public synchronized void probeLost() {
    probing = false;
  }

  private Duration left(Trip now) {
    return Duration.ofNanos(Math.max(0, now.until() - nanoTime.getAsLong()));
  }

  private String why(Trip now) {
    String reason =
        now.isThrottle()
            ? "it asked us to slow down"
            : "it failed " + failed.size() + " times in a row, last by";
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
    private final String resource;
    private boolean probe;

    private Pass(String resource, boolean probe) {
      this.resource = resource;
      this.probe = probe;
    }

    /** The head of an answer has arrived. */
    void answered() {
      synchronized (Breaker.this) {
        if (probe) {
          forgetOldest(rule.failures() - 1);
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
          failed.clear();
          trips = 0;
        }
      }
    }

    /**
     * The call has failed. Where a host failed to which the upstream redirects, or only what was
     * asked, the upstream itself has answered.
     */
    void failed(UpstreamException e) {
      synchronized (Breaker.this) {
        boolean answered = e.place() == Place.TARGET || e.place() == Place.RESOURCE;
        switch (answered ? Failure.NOT_FOUND : e.failure()) {
          case THROTTLED -> throttled(e);
          case UNREACHABLE, TIMEOUT -> silent(e);
          case NOT_FOUND, DENIED, REFUSED, LOOP, INVALID -> succeeded();
          case BUSY, OFFLINE -> {
            // Nothing was sent, so nothing is known about the upstream.
          }
        }
        endProbe();
      }
    }

    /** Of many calls that get a 429 at once, one is told. */
    private void throttled(UpstreamException e) {
      Duration rest = rule.throttledRest(e.retryAfter().orElse(null));
      if (open(e, rest).compareTo(WORTH_TELLING) >= 0) {
        onThrottle.accept(rest, String.valueOf(e.getMessage()));
      }
    }

    private void silent(UpstreamException e) {
      if (!probe && (trip != null || !isNew(e))) {
        return;
      }
      forgetOldest(rule.failures() - 1);
      failed.add(e.place() == Place.CONNECTION ? e : resource);
      if (probe || failed.size() >= rule.failures()) {
        var unused = open(e, rule.rest(trips++));
      }
    }

    /**
     * Whether a failure tells something new. Many calls can wait for one token: when it fails, they
     * all fail, but that is one failure.
     */
    private boolean isNew(UpstreamException e) {
      boolean before = e.root() == counted;
      counted = e.root();
      return !before && (e.place() == Place.CONNECTION || !failed.contains(resource));
    }

    private void forgetOldest(int most) {
      Iterator<Object> oldest = failed.iterator();
      while (failed.size() > most) {
        oldest.next();
        oldest.remove();
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
