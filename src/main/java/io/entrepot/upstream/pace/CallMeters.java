package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamException;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;

/**
 * The stopwatch of calls: the timer {@code entrepot.upstream.calls} with tags {@code kind} (blob,
 * manifest, tags, referrers, token, ping) and {@code outcome} (ok, or the failure in lower case). A
 * blob's time ends where its body begins. It also keeps the upstream's last word. Thread-safe.
 */
public final class CallMeters {
  private static final String NAME = "entrepot.upstream.calls";

  private final MeterRegistry meters;
  private final UpstreamHealth lastWord = new UpstreamHealth();

  public CallMeters(MeterRegistry meters) {
    this.meters = meters;
  }

  public UpstreamHealth lastWord() {
    return lastWord;
  }

  /** What is measured. */
  public interface Attempt<T> {
    T run() throws UpstreamException;
  }

  public <T> T call(String kind, Attempt<T> attempt) throws UpstreamException {
    Timer.Sample sample = Timer.start(meters);
    String outcome = "error";
    try {
      T result = attempt.run();
      outcome = "ok";
      lastWord.succeeded();
      return result;
    } catch (UpstreamException e) {
      outcome = e.failure().name().toLowerCase(Locale.ROOT);
      lastWord.failed(e, kind.equals("ping"));
      throw e;
    } finally {
      sample.stop(
          Timer.builder(NAME)
              .description("Latency of calls to the upstream")
              .tag("kind", kind)
              .tag("outcome", outcome)
              .register(meters));
    }
  }
}
