package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import io.entrepot.upstream.pace.CallOutcomes.Attempt;
import io.micrometer.core.instrument.Counter;
import java.util.List;

/**
 * Lets each call to one upstream pass: through the circuit breaker, under the limits, timed and
 * counted. A token that a call needs is a part of that call. Thread-safe.
 */
public final class PacedCalls {
  private final Breaker breaker;
  private final List<Cap> caps;
  private final CallOutcomes outcomes;
  private final Counter throttled;

  /**
   * @param throttled counts how often the upstream asked us to slow down
   */
  public PacedCalls(Breaker breaker, List<Cap> caps, CallOutcomes outcomes, Counter throttled) {
    this.breaker = breaker;
    this.caps = caps;
    this.outcomes = outcomes;
    this.throttled = throttled;
  }

  /** Makes a call that has ended when this method returns. */
  public <T> T call(UpstreamQuery<T> query, Attempt<T> attempt) throws UpstreamException {
    // First without a permit: a call that will not be sent must not wait for one.
    breaker.check();
    try (Permit permit = Permit.acquire(caps);
        Breaker.Pass pass = breaker.admit()) {
      T answer = send(query, attempt, pass);
      pass.succeeded();
      return answer;
    }
  }

  /** Makes a call that lasts until its body is closed. The body keeps the permit. */
  public UpstreamBody fetch(FetchBlob query, Attempt<UpstreamBody> attempt)
      throws UpstreamException {
    breaker.check();
    Permit permit = Permit.acquire(caps);
    try (Breaker.Pass pass = breaker.admit()) {
      UpstreamBody body = send(query, attempt, pass);
      pass.answered();
      return new PacedBody(body, permit, pass, query.range().after() != null);
    } catch (UpstreamException | RuntimeException | Error e) {
      permit.close();
      throw e;
    }
  }

  private <T> T send(UpstreamQuery<T> query, Attempt<T> attempt, Breaker.Pass pass)
      throws UpstreamException {
    try {
      return outcomes.time(query.kind(), attempt);
    } catch (UpstreamException e) {
      pass.failed(e);
      if (e.failure() == Failure.THROTTLED && !e.isOfTarget()) {
        throttled.increment();
      }
      throw e;
    }
  }
}
