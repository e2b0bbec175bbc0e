package io.entrepot.cache.prefetch;

import io.entrepot.cache.LocalContent;
import io.entrepot.cache.blobs.BlobCache;
import io.entrepot.cache.prefetch.PrefetchJob.State;
import io.entrepot.cache.prefetch.PrefetchJob.Wish;
import io.entrepot.cache.tags.ManifestCache;
import io.entrepot.cache.tags.ReferrersCache;
import io.entrepot.oci.OciException;
import io.entrepot.spool.Rooms;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The images that are fetched before somebody asks for them. A job does what a client would do: it
 * asks the caches, and reads each blob to its end. Jobs do not survive a restart; what they have
 * fetched does. Thread-safe.
 */
public final class Prefetches {
  private static final Logger log = LoggerFactory.getLogger(Prefetches.class);

  /** How many jobs are remembered, those that are over included. */
  static final int MAX_JOBS = 200;

  private final Caches caches;
  private final Rooms rooms;
  private final LongSupplier free;
  private final Executor executor;
  private final Clock clock;
  private final List<PrefetchJob> jobs = new ArrayList<>();
  private long lastId;

  /** The caches that the jobs ask. */
  public record Caches(
      LocalContent content, ManifestCache manifests, BlobCache blobs, ReferrersCache referrers) {}

  /**
   * Begins without jobs.
   *
   * @param rooms how much the cache and each upstream may have here
   * @param free how many more bytes fit on the disk
   * @param executor runs jobs; has a limited number of threads and a limited queue
   */
  public Prefetches(Caches caches, Rooms rooms, LongSupplier free, Executor executor, Clock clock) {
    this.caches = caches;
    this.rooms = rooms;
    this.free = free;
    this.executor = executor;
    this.clock = clock;
  }

  /**
   * Begins a job.
   *
   * @return empty if there are too many already
   */
  public Optional<PrefetchJob> begin(Wish wish) {
    PrefetchJob job;
    synchronized (jobs) {
      if (jobs.size() >= MAX_JOBS && !forgetOldest()) {
        return Optional.empty();
      }
      job = new PrefetchJob(++lastId, wish, clock.instant());
      jobs.add(job);
    }
    try {
      executor.execute(() -> run(job));
      return Optional.of(job);
    } catch (RejectedExecutionException e) {
      synchronized (jobs) {
        jobs.remove(job);
      }
      return Optional.empty();
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
    return job.end(State.CANCELLED, null);
  }
}
