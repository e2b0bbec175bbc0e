package io.entrepot.admin;

import io.entrepot.catalog.Catalog;
import io.entrepot.database.DatabaseException;
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
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The metrics of what is stored: the bytes of each upstream, and the space of the disk. To count a
 * large cache takes seconds, which a scrape does not have. So each scrape shows the last count and
 * starts the next one in the background. Thread-safe.
 */
public final class StoredMeters {
  private static final Logger log = LoggerFactory.getLogger(StoredMeters.class);

  private final Catalog catalog;
  private final Executor background;
  private final AtomicBoolean counting = new AtomicBoolean();

  /** The last count; null while there is none, or while the database cannot be read. */
  private volatile @Nullable Map<String, Long> counted;

  /**
   * Counts nothing yet.
   *
   * @param background runs the counts, one at a time
   */
  public StoredMeters(Catalog catalog, Executor background) {
    this.catalog = catalog;
    this.background = background;
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
  void countAgain() {
    if (!counting.compareAndSet(false, true)) {
      return;
    }
    try {
      background.execute(this::count);
    } catch (RejectedExecutionException e) {
      counting.set(false); // the next scrape tries again
    }
  }

  private void count() {
    try {
      counted = catalog.repositories().bytesOfUpstreams();
    } catch (DatabaseException e) {
      counted = null;
      log.debug("What is stored could not be counted: {}", e.getMessage());
    } finally {
      counting.set(false);
    }
  }

  private double bytes(String upstream) {
    Map<String, Long> known = counted;
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
