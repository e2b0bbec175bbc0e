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

/** Writes the access log, one line for each request, and counts requests and bytes. Thread-safe. */
public final class ExchangeLog {
  private static final Logger access = LoggerFactory.getLogger("io.entrepot.access");

  /**
   * The longest path of the API: the longest repository name, a sha512 digest, and the text between
   * them.
   */
  private static final int MAX_PATH = 420;

  /** The longest text of a client in one field. */
  private static final int MAX_FIELD = 200;

  private final MeterRegistry registry;

  /**
   * The timers, one for each combination of kind, outcome and status. The registry is slow to find
   * them.
   */
  private final Map<Answered, Timer> timers = new ConcurrentHashMap<>();

  private final Map<String, Counter> pushed = new ConcurrentHashMap<>();

  public ExchangeLog(MeterRegistry registry) {
    this.registry = registry;
  }

  /** The properties that the requests of one timer have in common. */
  private record Answered(String kind, String outcome, int status) {}

  /** Whether there is an access log. */
  boolean isOn() {
    return access.isInfoEnabled();
  }

  /**
   * Writes the line of a request that has ended.
   *
   * @param status the status of the response
   * @param bytes how many bytes of the body were sent
   * @param failure why the body is not complete, or null
   */
  void write(RequestFacts facts, int status, long bytes, @Nullable String failure) {
    CacheOutcome how = facts.outcome();
    String outcome = how == null ? "NONE" : how.label().toUpperCase(Locale.ROOT);
    count(facts, outcome, status, bytes);
    if (access.isInfoEnabled()) {
      access.info(
          "method={} path={} status={} outcome={} bytes={} upstream={} ms={} client={}{}{}{}{}",
          Quoted.of(facts.method()),
          Quoted.of(facts.path(), MAX_PATH),
          status,
          outcome,
          bytes,
          facts.upstreamRequests(),
          TimeUnit.NANOSECONDS.toMillis(facts.elapsedNanos()),
          facts.address(),
          field(" principal=", facts.principal()),
          field(" agent=", facts.userAgent()),
          field(" id=", facts.id()),
          failure == null ? "" : " aborted=" + Quoted.of(failure));
    }
  }

  private static String field(String name, @Nullable String value) {
    return value == null ? "" : name + Quoted.of(value, MAX_FIELD);
  }

  private void count(RequestFacts facts, String outcome, int status, long bytes) {
    timers
        .computeIfAbsent(new Answered(facts.kind(), outcome, status), this::register)
        .record(facts.elapsedNanos(), TimeUnit.NANOSECONDS);
    pushed.computeIfAbsent(facts.kind(), this::register).increment((double) bytes);
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
