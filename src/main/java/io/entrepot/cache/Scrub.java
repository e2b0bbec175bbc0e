package io.entrepot.cache;

import io.entrepot.catalog.Catalog;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
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
 * The watch over what is stored: reads blobs that nobody has verified for long, while there is
 * nothing better to do, and quarantines what has rotted (F5). Where it was after a restart, the
 * catalog knows: what it has verified is no longer due. Each run is one pass, on a thread of its
 * own. Thread-safe.
 */
public final class Scrub implements Runnable {
  private static final Logger log = LoggerFactory.getLogger(Scrub.class);
  private static final int BATCH = 100;
  private static final Duration NOTE = Duration.ofSeconds(10);
  private static final Duration LOOK = Duration.ofSeconds(1);

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

  /**
   * Wires the collaborators.
   *
   * @param busy whether there is something better to do, such as a fill
   * @param after how long a verification is good for
   * @param rest the waits between two pieces, which bound the rate
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
    /** Waits while there is something better to do. */
    void idle(Duration duration) throws InterruptedException;

    /**
     * Real waits.
     *
     * @param bytesPerSecond how fast blobs are read on average, more than 0
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
   * What was done since the start.
   *
   * @param passEndedAt when nothing was left to verify (ISO 8601), or null while that has not been
   */
  public record Progress(long blobs, long bytes, long damaged, @Nullable String passEndedAt) {}

  public Progress progress() {
    return new Progress(blobs.get(), bytes.get(), damaged.get(), passEndedAt);
  }

  /** Verifies everything that is due, unless another thread is at it. */
  @Override
  public void run() {
    if (!passing.compareAndSet(false, true)) {
      return;
    }
    try {
      pass();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // the application stops
    } catch (RuntimeException e) {
      log.warn("The scrub was broken off; its next pass goes on", e);
    } finally {
      passing.set(false);
    }
  }

  private void pass() throws InterruptedException {
    Instant due = clock.instant().minus(after);
    List<Digest> batch = catalog.unverifiedSince(due, null, BATCH);
    while (!batch.isEmpty()) {
      verify(batch);
      batch = catalog.unverifiedSince(due, batch.get(batch.size() - 1), BATCH);
    }
    passEndedAt = clock.instant().toString();
  }

  /**
   * What is sound is noted together, since a transaction takes longer than to read a small blob;
   * but in time, since a stop loses what is not noted.
   */
  private void verify(List<Digest> batch) throws InterruptedException {
    List<Digest> sound = new ArrayList<>();
    Instant noteAt = clock.instant().plus(NOTE);
    for (Digest digest : batch) {
      if (isSound(digest)) {
        sound.add(digest);
      }
      if (clock.instant().isAfter(noteAt)) {
        note(sound);
        sound.clear();
        noteAt = clock.instant().plus(NOTE);
      }
    }
    note(sound);
  }

  /** One that cannot be verified now is due again in the next pass: it must not end this one. */
  private boolean isSound(Digest digest) throws InterruptedException {
    try {
      awaitIdle();
      boolean sound = content.isSound(digest, this::afterReading);
      if (!sound) {
        damaged.incrementAndGet();
        blobs.incrementAndGet();
      }
      return sound;
    } catch (OciException e) {
      log.warn("The scrub passes over {}: {}", digest, e.getMessage());
      return false;
    }
  }

  private void note(List<Digest> sound) {
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
      rest.idle(LOOK);
    }
  }
}
