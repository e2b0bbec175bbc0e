package io.entrepot.cache;

import io.entrepot.catalog.Catalog;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.ReadPace;
import io.entrepot.threads.Pace;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Verifies stored blobs in the background and quarantines damaged ones (F5). It reads blobs whose
 * last verification is long ago, while the cache has no other work. After a restart it continues,
 * because the catalog has the times of all verifications. Each run is one pass, on its own thread.
 * Thread-safe.
 */
public final class Scrub implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Scrub.class);
  private static final int BATCH = 100;

  /** How often verifications are recorded in the catalog. */
  private static final Duration RECORD_INTERVAL = Duration.ofSeconds(10);

  /** How often it checks whether the cache is still busy. */
  private static final Duration BUSY_INTERVAL = Duration.ofSeconds(1);

  private final Catalog catalog;
  private final LocalContent content;
  private final BooleanSupplier busy;
  private final Duration after;
  private final Rest rest;
  private final Clock clock;
  private final AtomicBoolean passing = new AtomicBoolean();
  private final AtomicLong blobs = new AtomicLong();
  private final AtomicLong bytes = new AtomicLong();
  private final AtomicLong damaged = new AtomicLong();
  private volatile @Nullable String passEndedAt;

  /** Blobs that were verified before this instant are due. A person has wished so. */
  private volatile Instant wished = Instant.MIN;

  /**
   * Wires the collaborators.
   *
   * @param busy whether the cache has other work, such as a fill
   * @param after how long a verification stays valid
   * @param rest the waits between two reads, which limit the rate
   * @param clock the current time
   */
  public Scrub(
      Catalog catalog,
      LocalContent content,
      BooleanSupplier busy,
      Duration after,
      Rest rest,
      Clock clock) {
    this.catalog = catalog;
    this.content = content;
    this.busy = busy;
    this.after = after;
    this.rest = rest;
    this.clock = clock;
  }

  /** The waits of a scrub. */
  public interface Rest extends ReadPace {
    /** Waits while the cache is busy. */
    void idle(Duration duration) throws InterruptedException;

    /**
     * Waits that limit the rate.
     *
     * @param bytesPerSecond the average rate of reading, more than 0
     */
    static Rest atRate(long bytesPerSecond) {
      Pace pace = new Pace(bytesPerSecond, System::nanoTime);
      return new Rest() {
        @Override
        public void afterReading(long bytes) throws InterruptedException {
          TimeUnit.NANOSECONDS.sleep(pace.book(bytes));
        }

        @Override
        public void idle(Duration duration) throws InterruptedException {
          Thread.sleep(duration.toMillis());
        }
      };
    }
  }

  /**
   * The progress since the start.
   *
   * @param blobs the number of verified blobs
   * @param bytes the number of bytes read
   * @param damaged the number of damaged blobs
   * @param passEndedAt when the last pass ended (ISO 8601), or null before that
   */
  public record Progress(long blobs, long bytes, long damaged, @Nullable String passEndedAt) {}

  public Progress progress() {
    return new Progress(blobs.get(), bytes.get(), damaged.get(), passEndedAt);
  }

  /** Makes all blobs due, whenever they were verified. Call {@link #run} after it. */
  public void wishForAll() {
    wished = clock.instant();
  }

  /**
   * Verifies all blobs that are due, unless another thread is doing that. That thread begins anew
   * after its pass, if all have become due meanwhile.
   */
  @Override
  public void run() {
    if (!passing.compareAndSet(false, true)) {
      return;
    }
    try {
      Instant before;
      do {
        before = wished;
        pass();
      } while (!before.equals(wished));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the application stops
    } catch (RuntimeException e) {
      log.warn("The scrub has stopped; its next pass continues", e);
    } finally {
      passing.set(false);
    }
  }

  private void pass() throws InterruptedException {
    Instant due = due();
    List<Digest> batch = catalog.blobs().unverifiedSince(due, null, BATCH);
    while (!batch.isEmpty()) {
      verify(batch);
      batch = catalog.blobs().unverifiedSince(due, batch.get(batch.size() - 1), BATCH);
    }
    passEndedAt = clock.instant().toString();
  }

  private Instant due() {
    Instant usual = after.isZero() ? Instant.MIN : clock.instant().minus(after);
    Instant due = usual.isAfter(wished) ? usual : wished;
    return due.isAfter(Instant.EPOCH) ? due : Instant.EPOCH; // before it nothing was verified
  }

  /**
   * Verifies blobs. The results are recorded together, because a transaction takes longer than
   * reading a small blob. But they are recorded regularly, because a stop loses unrecorded results.
   */
  private void verify(List<Digest> batch) throws InterruptedException {
    List<Digest> sound = new ArrayList<>();
    Instant recordAt = clock.instant().plus(RECORD_INTERVAL);
    for (Digest digest : batch) {
      if (isSound(digest)) {
        sound.add(digest);
      }
      if (clock.instant().isAfter(recordAt)) {
        record(sound);
        sound.clear();
        recordAt = clock.instant().plus(RECORD_INTERVAL);
      }
    }
    record(sound);
  }

  /**
   * Whether a blob is intact. A blob that cannot be verified now is verified in the next pass, so
   * that it does not end this one.
   */
  private boolean isSound(Digest digest) throws InterruptedException {
    try {
      awaitIdle();
      boolean sound = content.isSound(digest, this::afterReading);
      if (!sound) {
        damaged.incrementAndGet();
        blobs.incrementAndGet();
      }
      return sound;
    } catch (BlobGoneException e) {
      return false; // evicted since it was listed, or its absence is logged already
    } catch (OciException e) {
      log.warn("The scrub skips {}: {}", digest, e.getMessage());
      return false;
    }
  }

  private void record(List<Digest> sound) {
    if (sound.isEmpty()) {
      return;
    }
    try {
      content.noteSound(sound);
      blobs.addAndGet(sound.size());
    } catch (OciException e) {
      log.warn("The scrub will verify {} blobs again: {}", sound.size(), e.getMessage());
    }
  }

  private void afterReading(long read) throws InterruptedException {
    bytes.addAndGet(read);
    rest.afterReading(read);
    awaitIdle();
  }

  private void awaitIdle() throws InterruptedException {
    while (busy.getAsBoolean()) {
      rest.idle(BUSY_INTERVAL);
    }
  }
}
