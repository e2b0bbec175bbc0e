package io.entrepot.http;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Quoted;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The access line of each request, and its meters. Thread-safe. */
public final class ExchangeLog {
  private static final Logger access = LoggerFactory.getLogger("io.entrepot.access");

  /** The longest repository name, a sha512 digest and the words between them. */
  private static final int MAX_PATH = 420;

  private final MeterRegistry registry;

  /** As many as there are kinds, outcomes and statuses of ours; looking one up anew is slow. */
  private final Map<Answered, Timer> timers = new ConcurrentHashMap<>();

  private final Map<String, Counter> pushed = new ConcurrentHashMap<>();

  public ExchangeLog(MeterRegistry registry) {
    this.registry = registry;
  }

  /** What the requests that one timer counts have in common. */
  private record Answered(String kind, String outcome, int status) {}

  /**
   * Writes the line of an exchange that has ended.
   *
   * @param bytes of the body that were sent
   * @param failure why the body is not whole, or null
   */
  void write(Exchange exchange, long bytes, @Nullable String failure) {
    CacheOutcome how = exchange.outcome();
    String outcome = how == null ? "NONE" : how.name();
    int status = exchange.response().getStatus();
    count(exchange, outcome, status, bytes);
    if (access.isInfoEnabled()) {
      access.info(
          "method={} path={} status={} outcome={} bytes={} upstream={} ms={} client={}{}",
          Quoted.of(exchange.method()),
          Quoted.of(exchange.path(), MAX_PATH),
          status,
          outcome,
          bytes,
          exchange.cost().requests(),
          TimeUnit.NANOSECONDS.toMillis(exchange.elapsedNanos()),
          exchange.client(),
          failure == null ? "" : " aborted=" + Quoted.of(failure));
    }
  }

  private void count(Exchange exchange, String outcome, int status, long bytes) {
    timers
        .computeIfAbsent(new Answered(exchange.kind(), outcome, status), this::register)
        .record(exchange.elapsedNanos(), TimeUnit.NANOSECONDS);
    pushed.computeIfAbsent(exchange.kind(), this::register).increment((double) bytes);
  }

  private Timer register(Answered answered) {
    return Timer.builder("entrepot.requests")
        .description(
            "Requests of clients by what they asked for, how it was answered, and how fast")
        .tags("kind", answered.kind(), "outcome", answered.outcome().toLowerCase(Locale.ROOT))
        .tags("status", Integer.toString(answered.status()))
        .register(registry);
  }

  private Counter register(String kind) {
    return Counter.builder("entrepot.pushed")
        .description("Bytes sent to clients")
        .baseUnit("bytes")
        .tag("kind", kind)
        .register(registry);
  }
}
