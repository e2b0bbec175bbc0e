package io.entrepot.expiry.quartz;

import io.entrepot.expiry.Leases;
import io.entrepot.threads.NamedThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.quartz.spi.ThreadExecutor;
import org.quartz.spi.ThreadPool;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The threads of the scheduler, under our names: a few for jobs, and those that Quartz makes for
 * itself. Closing waits for jobs as long as it was told to, and no longer.
 */
final class LeaseThreads implements ThreadPool, ThreadExecutor {
  private static final Logger log = LoggerFactory.getLogger(LeaseThreads.class);
  private static final String NAME = "entrepot-expiry";
  private static final Duration LAST_MOMENTS = Duration.ofSeconds(1);

  /** How many jobs a thread may have in hand; Quartz takes that many in one transaction. */
  static final int IN_HAND = 8;

  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();
  private final int size;
  private final Duration closeTimeout;
  private final NamedThreads threads;
  private final Semaphore free;
  private final ExecutorService workers;
  private final AtomicInteger ofQuartz = new AtomicInteger();

  /**
   * Makes no thread yet.
   *
   * @param size how many run jobs
   * @param closeTimeout how long closing waits for jobs
   * @param factory makes the threads for jobs
   */
  LeaseThreads(int size, Duration closeTimeout, ThreadFactory factory) {
    this.threads = new NamedThreads(NAME, factory);
    this.size = size;
    this.closeTimeout = closeTimeout;
    this.free = new Semaphore(size * IN_HAND);
    // A permit is taken for each job, so that no more than this can ever be queued.
    this.workers =
        new ThreadPoolExecutor(
            size, size, 0, TimeUnit.SECONDS, new LinkedBlockingQueue<>(size * IN_HAND), threads);
  }

  /** Starts a thread of Quartz's own: one looks for what is due, one for misfires. */
  @Override
  public void execute(Thread thread) {
    thread.setName(NAME + "-quartz-" + ofQuartz.incrementAndGet());
    thread.setContextClassLoader(loader);
    thread.start();
  }

  /**
   * Waits until half of what may be in hand is done, however long that takes. An interrupt ends the
   * wait: the scheduler's thread is interrupted when it is to halt, and looks for that before it
   * uses the answer.
   */
  @Override
  public int blockForAvailableThreads() {
    try {
      int half = size * IN_HAND / 2;
      free.acquire(half);
      free.release(half);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return Math.max(1, free.availablePermits());
  }

  /**
   * Runs a job. It never refuses one, since Quartz would then set all triggers of that job to its
   * state of error. Only the scheduler's thread calls this, with no more jobs than it was told are
   * free. Where the server makes no thread, as when it stops, the job is passed over.
   */
  @Override
  public boolean runInThread(Runnable job) {
    free.acquireUninterruptibly();
    try {
      workers.execute(
          () -> {
            try {
              job.run();
            } finally {
              free.release();
            }
          });
    } catch (RuntimeException e) {
      free.release();
      log.warn("No thread for an expiry; its lease fires again in {}", Leases.RETRY, e);
    }
    return true;
  }

  /** Waits for jobs that run; the scheduler's thread has ended before. */
  @Override
  public void shutdown(boolean waitForJobsToComplete) {
    workers.shutdown();
    if (!ended()) {
      log.warn(
          "An expiry still runs after {}; its lease fires again after the start", closeTimeout);
    }
  }

  private boolean ended() {
    try {
      boolean ended = workers.awaitTermination(closeTimeout.toMillis(), TimeUnit.MILLISECONDS);
      List<Thread> unused = threads.join(ended ? LAST_MOMENTS : Duration.ZERO);
      return ended;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  @Override
  public int getPoolSize() {
    return size;
  }

  @Override
  public void initialize() {}

  @Override
  public void setInstanceId(String id) {}

  @Override
  public void setInstanceName(String name) {}
}
