package io.entrepot.cache;

import io.entrepot.oci.RepositoryName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;

/** What the cache counts. Thread-safe. */
public final class CacheMeters {
  private final MeterRegistry registry;
  private final Function<RepositoryName, String> upstreams;
  private final Map<String, Pulled> pulled = new ConcurrentHashMap<>();
  private final Counter notKept;

  /**
   * @param upstreams the name of the upstream that a repository comes from, a tag of what is
   *     counted; one of a few
   */
  public CacheMeters(MeterRegistry registry, Function<RepositoryName, String> upstreams) {
    this.registry = registry;
    this.upstreams = upstreams;
    notKept =
        Counter.builder("entrepot.not.kept")
            .description("Contents that were served but could not be stored")
            .register(registry);
  }

  /** What comes from one upstream. */
  private record Pulled(Counter blobs, Counter manifests, Counter corrupt, Counter movedTags) {}

  private Pulled pulled(RepositoryName repository) {
    return pulled.computeIfAbsent(upstreams.apply(repository), this::register);
  }

  private Pulled register(String upstream) {
    return new Pulled(
        bytes(upstream, "blob"),
        bytes(upstream, "manifest"),
        Counter.builder("entrepot.corrupt")
            .description("Contents the upstream sent that did not match their digest")
            .tag("upstream", upstream)
            .register(registry),
        Counter.builder("entrepot.tags.moved")
            .description("Tags that were never to move and that the upstream has moved")
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

  public void pulledBlob(RepositoryName repository, int bytes) {
    pulled(repository).blobs().increment(bytes);
  }

  public void pulledManifest(RepositoryName repository, int bytes) {
    pulled(repository).manifests().increment(bytes);
  }

  public void corrupt(RepositoryName repository) {
    pulled(repository).corrupt().increment();
  }

  public void notKept() {
    notKept.increment();
  }

  public void tagMoved(RepositoryName repository) {
    pulled(repository).movedTags().increment();
  }
}
