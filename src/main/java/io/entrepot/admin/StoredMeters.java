package io.entrepot.admin;

import io.entrepot.catalog.Catalog;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Sources;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Executor;

/**
 * The metrics of what is stored: the bytes of each upstream, and the space of the disk. To count a
 * large cache takes seconds, which a scrape does not have. So each scrape shows the last count and
 * starts the next one in the background. Thread-safe.
 */
public final class StoredMeters {
  private final BackgroundCount<Map<String, Long>> counted;

  /**
   * Counts nothing yet.
   *
   * @param background runs the counts, one at a time
   */
  public StoredMeters(Catalog catalog, Executor background) {
    counted = new BackgroundCount<>(catalog.repositories()::bytesOfUpstreams, background);
  }

  /**
   * Registers the metrics.
   *
   * @param folder where the cache is stored
   */
  public void register(MeterRegistry meters, Sources sources, Path folder) {
    for (ProxiedUpstream upstream : sources.upstreams()) {
      Gauge.builder("entrepot.stored", () -> bytes(upstream.name()))
          .description("Bytes stored for an upstream; what several upstreams have counts for each")
          .baseUnit("bytes")
          .tag("upstream", upstream.meterName())
          .register(meters);
    }
    Gauge.builder("entrepot.disk.free", () -> space(folder, FileStore::getUsableSpace))
        .description("Bytes that can still be written to the disk of the cache")
        .baseUnit("bytes")
        .register(meters);
    Gauge.builder("entrepot.disk.size", () -> space(folder, FileStore::getTotalSpace))
        .description("Bytes of the disk of the cache")
        .baseUnit("bytes")
        .register(meters);
  }

  /** Starts a count in the background, if none is under way. */
  public void countAgain() {
    counted.again();
  }

  private double bytes(String upstream) {
    Map<String, Long> known = counted.last();
    return known == null ? Double.NaN : known.getOrDefault(upstream, 0L);
  }

  /** A number of bytes that a disk tells. */
  @FunctionalInterface
  private interface Space {
    long of(FileStore disk) throws IOException;
  }

  private static double space(Path folder, Space space) {
    try {
      return space.of(Files.getFileStore(folder));
    } catch (IOException e) {
      return Double.NaN;
    }
  }
}
