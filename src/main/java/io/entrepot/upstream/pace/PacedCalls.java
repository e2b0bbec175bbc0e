package io.entrepot.upstream.pace;

import io.entrepot.memory.MemoryBudget;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import io.entrepot.upstream.UpstreamQuery.Ping;
import io.entrepot.upstream.pace.CallOutcomes.Attempt;
import io.micrometer.core.instrument.Counter;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Lets each call to one upstream pass: through the circuit breaker, under the limits, timed and
 * counted. A token that a call needs is a part of that call. Thread-safe.
 */
public final class PacedCalls {
  private static final Logger LOG = LoggerFactory.getLogger(PacedCalls.class);

  private final Breaker breaker;
  private final List<Cap> caps;
  private final CallOutcomes outcomes;
  private final Counter throttled;
  private final RecentFailures recent;

  /**
   * @param throttled counts how often the upstream asked us to slow down
   * @param memory holds what has just failed
   * @param nanoTime measures how long a failure is remembered
   */
  public PacedCalls(
      Breaker breaker,
      List<Cap> caps,
      CallOutcomes outcomes,
      Counter throttled,
      MemoryBudget memory,
      LongSupplier nanoTime) {
    this.breaker = breaker;
    this.caps = caps;
    this.outcomes = outcomes;
    this.throttled = throttled;
    this.recent = new RecentFailures(memory, nanoTime);
  }

  /**
   * Makes a call that has ended when this method returns.
   *
   * @param client whose user name and password it has; empty for our own
   */
  public <T> T call(UpstreamQuery<T> query, String client, Attempt<T> attempt)
      throws UpstreamException {
    // First without a permit: a call that will not be sent must not wait for one.
    RecentFailures.Asked asked = new RecentFailures.Asked(query, client);
    breaker.check();
    recent.check(asked);
    try (Permit permit = Permit.acquire(caps);
        Breaker.Pass pass = breaker.admit(query.toString())) {
      T answer = send(asked, attempt, pass);
      pass.succeeded();
      return answer;
    }
  }

  /**
   * Makes a call that lasts until its body is closed. The body keeps the permit.
   *
   * @param client as above
   */
  public UpstreamBody fetch(FetchBlob query, String client, Attempt<UpstreamBody> attempt)
      throws UpstreamException {
    RecentFailures.Asked asked = new RecentFailures.Asked(query, client);
    breaker.check();
    recent.check(asked);
    Permit permit = Permit.acquire(caps);
    try (Breaker.Pass pass = breaker.admit(query.toString())) {
      UpstreamBody body = send(asked, attempt, pass);
      pass.answered();
      return new PacedBody(body, permit, pass, query.range().after() != null);
    } catch (UpstreamException | RuntimeException | Error e) {
      permit.close();
      throw e;
    }
  }

  /**
   * Looks for the breaker whether the upstream answers again. Takes no permit, so that it does not
   * wait behind calls that hang.
   */
  public void probe(Ping ping, Attempt<Boolean> attempt) {
    try (Breaker.Pass pass = breaker.probe(ping.toString())) {
      if (pass != null) {
        var unused = send(new RecentFailures.Asked(ping, ""), attempt, pass);
        pass.answered();
      }
    } catch (UpstreamException e) {
      LOG.debug("The upstream does not answer yet: {}", e.getMessage());
    }
  }

  /** What the upstream says of a client's login says nothing of the upstream. */
  private static String kind(RecentFailures.Asked asked) {
    boolean isLogin = asked.query() instanceof Ping && !asked.client().isEmpty();
    return isLogin ? "login" : asked.query().kind();
  }

  private <T> T send(RecentFailures.Asked asked, Attempt<T> attempt, Breaker.Pass pass)
      throws UpstreamException {
    try {
      T answer = outcomes.time(kind(asked), attempt);
      recent.answered(asked);
      return answer;
    } catch (UpstreamException e) {
      pass.failed(e);
      recent.remember(asked, e);
      if (e.failure() == Failure.THROTTLED && !e.isOfTarget()) {
        throttled.increment();
      }
      throw e;
    }
  }
}
