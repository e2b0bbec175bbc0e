package io.entrepot.cache;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What the cache counts. Thread-safe. */
public final class CacheMeters {
  private final Counter blobBytes;
  private final Counter manifestBytes;
  private final Counter corrupt;
  private final Counter notKept;
  private final Counter movedTags;

  /**
   * @param upstream the host that is pulled through, a tag of what comes from it
   */
  public CacheMeters(MeterRegistry registry, String upstream) {
    blobBytes = pulled(registry, upstream, "blob");
    manifestBytes = pulled(registry, upstream, "manifest");
    corrupt =
        Counter.builder("entrepot.corrupt")
            .description("Contents the upstream sent that did not match their digest")
            .tag("upstream", upstream)
            .register(registry);
    notKept =
        Counter.builder("entrepot.not.kept")
            .description("Contents that were served but could not be stored")
            .register(registry);
    movedTags =
        Counter.builder("entrepot.tags.moved")
            .description("Tags that were never to move and that the upstream has moved")
            .tag("upstream", upstream)
            .register(registry);
  }

  private static Counter pulled(MeterRegistry registry, String upstream, String kind) {
    return Counter.builder("entrepot.pulled")
        .description("Bytes fetched from the upstream")
        .baseUnit("bytes")
        .tag("kind", kind)
        .tag("upstream", upstream)
        .register(registry);
  }

  void pulledBlob(int bytes) {
    blobBytes.increment(bytes);
  }

  void pulledManifest(int bytes) {
    manifestBytes.increment(bytes);
  }

  void corrupt() {
    corrupt.increment();
  }

  void notKept() {
    notKept.increment();
  }

  void tagMoved() {
    movedTags.increment();
  }
}
