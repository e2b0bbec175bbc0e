package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * Times the calls to one upstream, and says by their results whether it can be used. The timer is
 * {@code entrepot.upstream.calls} with the tags {@code upstream}, {@code kind} (blob, manifest,
 * tags, referrers, token, ping) and {@code outcome} (ok, or the failure in lower case). The time of
 * a blob ends where its body begins. Thread-safe.
 */
public final class CallOutcomes {
  private static final String NAME = "entrepot.upstream.calls";

  /** A near registry answers within the first, a distant one within the middle ones. */
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(250),
    Duration.ofMillis(500),
    Duration.ofSeconds(1),
    Duration.ofMillis(2500),
    Duration.ofSeconds(10),
    Duration.ofSeconds(30)
  };

  private final MeterRegistry meters;
  private final String upstream;
  private final OutageLog outages;
  private final AtomicReference<@Nullable UpstreamException> trouble = new AtomicReference<>();

  /**
   * @param upstream its name in metrics
   * @param outages is told how calls end
   */
  public CallOutcomes(MeterRegistry meters, String upstream, OutageLog outages) {
    this.meters = meters;
    this.upstream = upstream;
    this.outages = outages;
  }

  /** A call that is timed. */
  @FunctionalInterface
  public interface Attempt<T> {
    T run() throws UpstreamException;
  }

  /** Makes a call, times it and remembers how it ended. */
  public <T> T time(String kind, Attempt<T> attempt) throws UpstreamException {
    Timer.Sample sample = Timer.start(meters);
    String outcome = "error";
    try {
      T result = attempt.run();
      outcome = "ok";
      trouble.set(null);
      outages.answered();
      return result;
    } catch (UpstreamException e) {
      outcome = e.failure().name().toLowerCase(Locale.ROOT);
      remember(kind, e);
      throw e;
    } finally {
      sample.stop(
          Timer.builder(NAME)
              .description("Latency of calls to the upstream")
              .tag("upstream", upstream)
              .tag("kind", kind)
              .tag("outcome", outcome)
              .serviceLevelObjectives(BUCKETS)
              .register(meters));
    }
  }

  /**
   * A ping asks about the upstream itself, so any failure of it counts. Of other calls only silence
   * counts: "not found" or "denied" is about one repository, and proves that the upstream is there.
   */
  private void remember(String kind, UpstreamException failure) {
    if (OutageLog.isOutage(failure)) {
      outages.failed(failure);
    } else if (failure.failure() != Failure.BUSY) {
      outages.answered();
    }
    if (kind.equals("ping") || isSilence(failure)) {
      trouble.set(failure);
    } else {
      trouble.updateAndGet(before -> before != null && isSilence(before) ? null : before);
    }
  }

  private static boolean isSilence(UpstreamException e) {
    return switch (e.failure()) {
      case UNREACHABLE, TIMEOUT -> OutageLog.isOutage(e);
      case LOOP -> !e.isOfTarget();
      default -> false;
    };
  }

  /**
   * Why the upstream as a whole cannot be used, by the latest calls: it cannot be reached, or
   * refuses our credentials. Empty while it can.
   */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble.get()).map(Throwable::getMessage);
  }
}
