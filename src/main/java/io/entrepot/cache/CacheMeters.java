package io.entrepot.cache;

import io.entrepot.routing.Source;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The counters of the cache. Thread-safe. */
public final class CacheMeters {
  private final MeterRegistry registry;
  private final Map<String, Pulled> pulled = new ConcurrentHashMap<>();
  private final Counter notKept;

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

  public void tagMoved(Source source) {
    pulled(source).movedTags().increment();
  }
}
