package io.entrepot.http;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Quoted;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.Timer;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Writes the access log, one line for each request, and counts requests and bytes. The line of a
 * request that failed with 5xx is at WARN, the others are at INFO. Thread-safe.
 */
public final class ExchangeLog {
  /**
   * The logger to which SLF4J would pass the lines on. Before that it would look at the stack of
   * the caller, which costs as much as to write the line.
   */
  private static final Logger access = Logger.getLogger("io.entrepot.access");

  /**
   * The longest path of the API: the longest repository name, a sha512 digest, and the text between
   * them.
   */
  private static final int MAX_PATH = 420;

  /** The longest text of a client in one field. */
  private static final int MAX_FIELD = 200;

  /**
   * Hits end within the first, questions to an upstream within the next, whole pulls in the last.
   */
  private static final Duration[] BUCKETS = {
    Duration.ofMillis(1),
    Duration.ofMillis(5),
    Duration.ofMillis(25),
    Duration.ofMillis(100),
    Duration.ofMillis(500),
    Duration.ofMillis(2500),
    Duration.ofSeconds(10),
    Duration.ofMinutes(1),
    Duration.ofMinutes(5)
  };

  /** Bytes with these outcomes came from the store, or from a fill that went on anyway. */
  private static final Set<String> SAVING = Set.of("hit", "joined", "revalidated", "stale");

  private final MeterRegistry registry;

  /** The registry is slow to find a meter. */
  private final Map<Answered, Numbers> numbers = new ConcurrentHashMap<>();

  public ExchangeLog(MeterRegistry registry) {
    this.registry = registry;
    FunctionCounter.builder("entrepot.saved", this, ExchangeLog::saved)
        .description("Bytes sent to clients that did not have to be fetched for them")
        .baseUnit("bytes")
        .register(registry);
  }

  /** The properties that requests have in common which are counted together. */
  private record Answered(String kind, String outcome, int status) {}

  /** The numbers of such requests. */
  private record Numbers(Timer latency, Timer firstByte, Counter sent) {}

  /** Whether there is an access log. */
  boolean isOn() {
    return access.isLoggable(Level.INFO);
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
    String outcome = how == null ? "none" : how.label();
    long elapsed = facts.elapsedNanos();
    Numbers same = numbers(new Answered(facts.kind(), outcome, status));
    same.latency().record(elapsed, TimeUnit.NANOSECONDS);
    same.firstByte().record(facts.firstByteNanos(elapsed), TimeUnit.NANOSECONDS);
    same.sent().increment((double) bytes);
    Level level =
        status >= HttpServletResponse.SC_INTERNAL_SERVER_ERROR ? Level.WARNING : Level.INFO;
    if (access.isLoggable(level)) {
      String line = line(facts, outcome, status, bytes, elapsed, failure);
      access.logp(level, ExchangeLog.class.getName(), "write", line);
    }
  }

  private Numbers numbers(Answered answered) {
    Numbers known = numbers.get(answered); // without the lock that computeIfAbsent may take
    return known == null ? numbers.computeIfAbsent(answered, this::register) : known;
  }

  private static String line(
      RequestFacts facts,
      String outcome,
      int status,
      long bytes,
      long elapsed,
      @Nullable String failure) {
    return "method="
        + Quoted.of(facts.method())
        + " path="
        + Quoted.of(facts.path(), MAX_PATH)
        + " status="
        + status
        + " outcome="
        + outcome.toUpperCase(Locale.ROOT)
        + " bytes="
        + bytes
        + " upstream="
        + facts.upstreamRequests()
        + " ms="
        + TimeUnit.NANOSECONDS.toMillis(elapsed)
        + " client="
        + facts.address()
        + field(" principal=", facts.principal())
        + field(" agent=", facts.userAgent())
        + field(" id=", facts.id())
        + (failure == null ? "" : " aborted=" + Quoted.of(failure));
  }

  private static String field(String name, @Nullable String value) {
    return value == null ? "" : name + Quoted.of(value, MAX_FIELD);
  }

  private Numbers register(Answered answered) {
    Tags kind = Tags.of("kind", answered.kind(), "outcome", answered.outcome());
    return new Numbers(
        Timer.builder("entrepot.requests")
            .description(
                "Requests of clients by what they asked for, how it was answered, and how fast")
            .tags(kind)
            .tag("status", Integer.toString(answered.status()))
            .serviceLevelObjectives(BUCKETS)
            .register(registry),
        Timer.builder("entrepot.first.byte")
            .description("How long clients waited until their answer began")
            .tags(kind)
            .serviceLevelObjectives(BUCKETS)
            .register(registry),
        Counter.builder("entrepot.pushed")
            .description("Bytes sent to clients")
            .baseUnit("bytes")
            .tags(kind)
            .register(registry));
  }

  private double saved() {
    return registry.find("entrepot.pushed").counters().stream()
        .filter(counter -> SAVING.contains(counter.getId().getTag("outcome")))
        .mapToDouble(Counter::count)
        .sum();
  }
}
