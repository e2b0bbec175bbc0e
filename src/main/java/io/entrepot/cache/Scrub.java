package io.entrepot.cache;

import io.entrepot.catalog.Catalog;
import io.entrepot.oci.Digest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The watch over what is stored: reads blobs that nobody has verified for long, while there is
 * nothing better to do, and quarantines what has rotted (F5). Where it was after a restart, the
 * catalog knows: what it has verified is no longer due. Run by one thread of its own.
 */
public final class Scrub implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Scrub.class);
  private static final int BATCH = 100;
  private static final Duration BETWEEN_PASSES = Duration.ofHours(1);

  private final Catalog catalog;
  private final Shelf shelf;
  private final InFlightBlobs inFlight;
  private final Duration after;
  private final Rest rest;
  private final Clock clock;
  private final AtomicLong blobs = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong damaged = new AtomicLong();
  private volatile @Nullable String passEndedAt;

  /**
   * Wires the collaborators.
   *
   * @param after how long a verification is good for
   * @param rest the waits between blobs, which bound the rate
   */
  public Scrub(
      Catalog catalog,
      Shelf shelf,
      InFlightBlobs inFlight,
      Duration after,
      Rest rest,
      Clock clock) {
    this.catalog = catalog;
    this.shelf = shelf;
    this.inFlight = inFlight;
    this.after = after;
    this.rest = rest;
    this.clock = clock;
  }

  /** The waits of a scrub. */
  public interface Rest {
    /** Waits after so many bytes were read. */
    void afterReading(long bytes) throws InterruptedException;

    /** Waits while there is something better to do, or nothing to do. */
    void idle(Duration duration) throws InterruptedException;

    /**
     * Real waits.
     *
     * @param bytesPerSecond how fast blobs are read on average, more than 0
     */
    static Rest atRate(long bytesPerSecond) {
      return new Rest() {
        @Override
        public void afterReading(long bytes) throws InterruptedException {
          Thread.sleep(1 + bytes / Math.max(1, bytesPerSecond / 1_000));
        }

        @Override
        public void idle(Duration duration) throws InterruptedException {
          Thread.sleep(duration.toMillis());
        }
      };
    }
  }

  /**
   * What was done since the start.
   *
   * @param passEndedAt when nothing was left to verify (ISO 8601), or null while that has not been
   */
  public record Progress(long blobs, long bytes, long damaged, @Nullable String passEndedAt) {}

  public Progress progress() {
    return new Progress(blobs.get(), bytes.get(), damaged.get(), passEndedAt);
  }

  @Override
  public void run() {
    try {
      while (true) {
        try {
          pass();
        } catch (RuntimeException e) {
          log.warn("The scrub was broken off and tries again in {}", BETWEEN_PASSES, e);
        }
        rest.idle(BETWEEN_PASSES);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the application stops
    }
  }

  /** Verifies everything that is due. */
  void pass() throws InterruptedException {
    Instant due = clock.instant().minus(after);
    List<Digest> batch = catalog.unverifiedSince(due, null, BATCH);
    while (!batch.isEmpty()) {
      for (Digest digest : batch) {
        while (inFlight.size() > 0) {
          rest.idle(Duration.ofSeconds(1));
        }
        verify(digest);
      }
      batch = catalog.unverifiedSince(due, batch.get(batch.size() - 1), BATCH);
    }
    passEndedAt = clock.instant().toString();
  }

  private void verify(Digest digest) throws InterruptedException {
    long size = shelf.findBytes(digest).map(blob -> blob.size()).orElse(0L);
    if (!shelf.verify(digest)) {
      damaged.incrementAndGet();
    }
    blobs.incrementAndGet();
    bytes.addAndGet(size);
    rest.afterReading(size);
  }
}
