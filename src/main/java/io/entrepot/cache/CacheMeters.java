package io.entrepot.cache;

import io.entrepot.routing.Source;
import io.entrepot.threads.OnceAMinute;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The counters of the cache, and the log of what is not kept. Thread-safe. */
public final class CacheMeters {
  private static final Logger log = LoggerFactory.getLogger(CacheMeters.class);

  private final MeterRegistry registry;
  private final Map<String, Pulled> pulled = new ConcurrentHashMap<>();
  private final Counter notKept;
  private final OnceAMinute due = new OnceAMinute();

  public CacheMeters(MeterRegistry registry) {
    this.registry = registry;
    notKept =
        Counter.builder("entrepot.not.kept")
            .description("Blobs and manifests that were served but could not be stored")
            .register(registry);
  }

  /** The counters for one upstream. */
  private record Pulled(Counter blobs, Counter manifests, Counter corrupt, Counter movedTags) {}

  private Pulled pulled(Source source) {
    return pulled.computeIfAbsent(source.meterName(), this::register);
  }

  private Pulled register(String upstream) {
    return new Pulled(
        bytes(upstream, "blob"),
        bytes(upstream, "manifest"),
        Counter.builder("entrepot.corrupt")
            .description("Blobs that the upstream sent with other bytes than their digest says")
            .tag("upstream", upstream)
            .register(registry),
        Counter.builder("entrepot.tags.moved")
            .description("Immutable tags that the upstream has moved")
            .tag("upstream", upstream)
            .register(registry));
  }

  private Counter bytes(String upstream, String kind) {
    return Counter.builder("entrepot.pulled")
        .description("Bytes fetched from the upstream")
        .baseUnit("bytes")
        .tag("kind", kind)
        .tag("upstream", upstream)
        .register(registry);
  }

  public void pulledBlob(Source source, int bytes) {
    pulled(source).blobs().increment(bytes);
  }

  public void pulledManifest(Source source, int bytes) {
    pulled(source).manifests().increment(bytes);
  }

  public void corrupt(Source source) {
    pulled(source).corrupt().increment();
  }

  public void notKept() {
    notKept.increment();
  }

  /**
   * Counts something that could not be stored, and logs why. A disk that fails does so at each
   * request.
   */
  public void notKept(String what, Exception why) {
    notKept();
    if (due.isDue("not kept")) {
      log.error(
          "{} was served but could not be stored. More of this is logged once a minute", what, why);
    }
  }

  public void tagMoved(Source source) {
    pulled(source).movedTags().increment();
  }
}
