package io.entrepot.cache.prefetch;

import io.entrepot.cache.LocalContent;
import io.entrepot.cache.blobs.BlobCache;
import io.entrepot.cache.prefetch.PrefetchJob.State;
import io.entrepot.cache.prefetch.PrefetchJob.Wish;
import io.entrepot.cache.tags.ManifestCache;
import io.entrepot.cache.tags.ReferrersCache;
import io.entrepot.catalog.PrefetchEntry;
import io.entrepot.catalog.UnfinishedPrefetches;
import io.entrepot.database.DatabaseException;
import io.entrepot.oci.ImageReference;
import io.entrepot.oci.OciException;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import io.entrepot.spool.Rooms;
import java.time.Clock;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that are fetched before somebody asks for them. A job does what a client would do: it
 * asks the caches, and reads each blob to its end. A job that is not over when the application
 * stops is begun again at the next start. Thread-safe.
 */
public final class Prefetches {
  private static final Logger log = LoggerFactory.getLogger(Prefetches.class);

  /** How many jobs are remembered, those that are over included. */
  static final int MAX_JOBS = 200;

  private final Caches caches;
  private final UnfinishedPrefetches unfinished;
  private final String node;
  private final Rooms rooms;
  private final LongSupplier free;
  private final Executor executor;
  private final Clock clock;
  private final List<PrefetchJob> jobs = new ArrayList<>();
  private final AtomicLong lastId;
  private volatile boolean stopping;

  /** The caches that the jobs ask. */
  public record Caches(
      LocalContent content, ManifestCache manifests, BlobCache blobs, ReferrersCache referrers) {}

  /**
   * Begins without jobs.
   *
   * @param unfinished keeps the jobs that are not over
   * @param node the name of this node; empty for a cache that is alone
   * @param rooms how much the cache and each upstream may have here
   * @param free how many more bytes fit on the disk
   * @param executor runs jobs; has a limited number of threads and a limited queue
   */
  public Prefetches(
      Caches caches,
      UnfinishedPrefetches unfinished,
      String node,
      Rooms rooms,
      LongSupplier free,
      Executor executor,
      Clock clock) {
    this.caches = caches;
    this.unfinished = unfinished;
    this.node = node;
    this.rooms = rooms;
    this.free = free;
    this.executor = executor;
    this.clock = clock;
    this.lastId = new AtomicLong(clock.instant().getEpochSecond()); // no number comes again
  }

  /**
   * Begins a job.
   *
   * @return empty if there are too many already
   */
  public Optional<PrefetchJob> begin(Wish wish) {
    PrefetchJob job = newJob(wish);
    unfinished.add(
        new PrefetchEntry(
            job.id(), wish.reference(), wish.platforms(), wish.referrers(), node, job.created()));
    return enqueue(job) ? Optional.of(job) : Optional.empty();
  }

  /** Begins the jobs of this node again that were not over when it stopped. */
  public void resume(Sources sources) {
    for (PrefetchEntry entry : unfinished.of(node)) {
      try {
        ImageReference image = ImageReference.parse(entry.reference());
        Source source = sources.trace(image, null, null).source();
        Wish wish = Wish.of(image, source, entry.platforms(), entry.referrers());
        enqueue(new PrefetchJob(entry.id(), wish, entry.created()));
      } catch (OciException e) {
        log.warn("The prefetch of {} is given up: {}", entry.reference(), e.getMessage());
        unfinished.remove(node, entry.id());
      }
    }
  }

  /**
   * Does a job in the thread of the caller. It is not begun again after a restart.
   *
   * @return the job, which is over; empty if there are too many already
   */
  Optional<PrefetchJob> doNow(Wish wish) throws InterruptedException {
    PrefetchJob job = newJob(wish);
    if (!remember(job)) {
      return Optional.empty();
    }
    run(job);
    if (Thread.interrupted()) {
      throw new InterruptedException();
    }
    return Optional.of(job);
  }

  private PrefetchJob newJob(Wish wish) {
    Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
    return new PrefetchJob(lastId.incrementAndGet(), wish, now);
  }

  private boolean enqueue(PrefetchJob job) {
    if (remember(job)) {
      try {
        executor.execute(
            () -> {
              run(job);
              forget(job);
            });
        return true;
      } catch (RejectedExecutionException e) {
        synchronized (jobs) {
          jobs.remove(job);
        }
      }
    }
    unfinished.remove(node, job.id());
    return false;
  }

  private boolean remember(PrefetchJob job) {
    synchronized (jobs) {
      boolean hasPlace = jobs.size() < MAX_JOBS || forgetOldest();
      return hasPlace && jobs.add(job);
    }
  }

  private boolean forgetOldest() {
    Optional<PrefetchJob> over = jobs.stream().filter(job -> job.state().isOver()).findFirst();
    over.ifPresent(jobs::remove);
    return over.isPresent();
  }

  private void run(PrefetchJob job) {
    if (!job.begin()) {
      return;
    }
    try {
      new Prefetch(caches, rooms, free, job).run();
      job.end(State.DONE, null);
    } catch (PrefetchException | OciException e) {
      job.end(State.FAILED, e.getMessage());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      job.end(State.FAILED, "the application stops");
    } catch (RuntimeException e) {
      log.error("The prefetch of {} failed", job.wish().reference(), e);
      job.end(State.FAILED, "it failed unexpectedly; the log has the details");
    }
  }

  /** Begins a job no more after a restart, unless it ends because the application does. */
  private void forget(PrefetchJob job) {
    if (stopping) {
      return;
    }
    try {
      unfinished.remove(node, job.id());
    } catch (DatabaseException e) {
      log.warn("The next start does the prefetch of {} again", job.wish().reference(), e);
    }
  }

  /** Keeps the jobs for the next start that are not over, and those that fail from now on. */
  public void stop() {
    stopping = true;
  }

  /** All jobs, the oldest first. */
  public List<PrefetchJob> jobs() {
    synchronized (jobs) {
      return List.copyOf(jobs);
    }
  }

  public Optional<PrefetchJob> find(long id) {
    return jobs().stream().filter(job -> job.id() == id).findFirst();
  }

  /**
   * Cancels a job. What it has fetched stays.
   *
   * @return false if it is over already
   */
  public boolean cancel(PrefetchJob job) {
    boolean isNew = job.end(State.CANCELLED, null);
    if (isNew) {
      unfinished.remove(node, job.id());
    }
    return isNew;
  }
}
