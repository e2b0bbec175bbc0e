package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.pace.CallMeters.Attempt;
import io.micrometer.core.instrument.Counter;
import java.util.List;

/**
 * The way of each call to one upstream: past the breaker, under the caps, by the stopwatch. A token
 * that a call needs is part of it and goes no way of its own. Thread-safe.
 */
public final class PacedCalls {
  private final Breaker breaker;
  private final List<Cap> caps;
  private final CallMeters measured;
  private final Counter throttled;

  /**
   * @param throttled counts the times that the upstream asked us to slow down
   */
  public PacedCalls(Breaker breaker, List<Cap> caps, CallMeters measured, Counter throttled) {
    this.breaker = breaker;
    this.caps = caps;
    this.measured = measured;
    this.throttled = throttled;
  }

  /** Makes a call that has ended when it returns. */
  public <T> T call(String kind, Attempt<T> attempt) throws UpstreamException {
    // Before the caps too: a call that will not be sent need not wait for its turn.
    breaker.check();
    try (Permit slot = Permit.under(caps);
        Breaker.Pass pass = breaker.admit()) {
      T result = attempt(kind, attempt, pass);
      pass.succeeded();
      return result;
    }
  }

  /**
   * Makes a call that ends with the body it returns.
   *
   * @param isRest whether it continues one that broke off
   */
  public UpstreamBody begin(String kind, boolean isRest, Attempt<UpstreamBody> attempt)
      throws UpstreamException {
    breaker.check();
    Permit slot = Permit.under(caps);
    try (Breaker.Pass pass = breaker.admit()) {
      UpstreamBody body = attempt(kind, attempt, pass);
      pass.answered();
      return new PacedBody(body, slot, pass, isRest);
    } catch (UpstreamException | RuntimeException | Error e) {
      slot.close();
      throw e;
    }
  }

  private <T> T attempt(String kind, Attempt<T> attempt, Breaker.Pass pass)
      throws UpstreamException {
    try {
      return measured.call(kind, attempt);
    } catch (UpstreamException e) {
      pass.failed(e);
      if (e.failure() == Failure.THROTTLED) {
        throttled.increment();
      }
      throw e;
    }
  }
}
