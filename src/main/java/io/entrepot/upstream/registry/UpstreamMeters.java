package io.entrepot.upstream.registry;

import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.MeterName;
import io.entrepot.upstream.Quota;
import io.entrepot.upstream.pace.Breaker;
import io.entrepot.upstream.pace.QuotaWatch;
import io.entrepot.upstream.wire.HttpTransport;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.Function;

/** The metrics of one registry. Its {@link MeterName} is the tag {@code upstream}. */
final class UpstreamMeters {
  private final MeterRegistry meters;
  private final String upstream;

  UpstreamMeters(MeterRegistry meters, URI uri) {
    this.meters = meters;
    this.upstream = MeterName.of(uri);
  }

  /** The tag {@code upstream}. */
  String upstream() {
    return upstream;
  }

  /** Counts the answers that ask us to slow down. */
  Counter throttled() {
    return Counter.builder("entrepot.upstream.throttled")
        .description("Answers 429 of the upstream")
        .tag("upstream", upstream)
        .register(meters);
  }

  /** Shows the state of the breaker, and for how long it is still open. */
  void show(Breaker breaker) {
    Gauge.builder("entrepot.upstream.breaker", breaker, b -> number(b.status().state()))
        .description("Whether the upstream is asked: 0 yes, 1 by one probe at a time, 2 no")
        .tag("upstream", upstream)
        .register(meters);
    Gauge.builder("entrepot.upstream.rest", breaker, b -> seconds(b.status().left()))
        .description("For how long the upstream is still not asked")
        .baseUnit("seconds")
        .tag("upstream", upstream)
        .register(meters);
  }

  private static double seconds(Duration duration) {
    return duration.toMillis() / 1000.0;
  }

  /** Shows how many connections are in use. */
  void show(HttpTransport transport) {
    Gauge.builder("entrepot.upstream.connections", transport, HttpTransport::leasedConnections)
        .description("Connections that calls to the upstream use now")
        .tag("upstream", upstream)
        .register(meters);
  }

  private static double number(BreakerStatus.State state) {
    return switch (state) {
      case CLOSED -> 0;
      case HALF_OPEN -> 1;
      case OPEN -> 2;
    };
  }

  /** Shows the quota; not a number until the upstream has told one. */
  void show(QuotaWatch quotas) {
    show(
        quotas,
        "remaining",
        "Requests that the upstream still grants",
        quota -> OptionalLong.of(quota.remaining()));
    show(quotas, "limit", "Requests that the upstream grants in a window", Quota::limit);
    MultiGauge source =
        MultiGauge.builder("entrepot.upstream.ratelimit.source")
            .description(
                "1; the tag source is the address or account whose requests the upstream counts")
            .tag("upstream", upstream)
            .register(meters);
    quotas.onSource(name -> source.register(List.of(Row.of(Tags.of("source", name), 1)), true));
  }

  private void show(
      QuotaWatch quotas, String what, String description, Function<Quota, OptionalLong> number) {
    Gauge.builder(
            "entrepot.upstream.ratelimit." + what,
            quotas,
            watch -> value(watch.quota().map(number).orElse(OptionalLong.empty())))
        .description(description)
        .tag("upstream", upstream)
        .register(meters);
  }

  private static double value(OptionalLong number) {
    return number.isPresent() ? number.getAsLong() : Double.NaN;
  }
}
