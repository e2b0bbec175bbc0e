package io.entrepot.expiry.quartz;

import io.entrepot.expiry.Leases;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
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
 * The threads of the scheduler under our names: a few for jobs, and those that Quartz makes for
 * itself. Closing waits for jobs as long as it was told and no longer.
 */
public final class LeaseThreads implements ThreadPool, ThreadExecutor {
  private static final Logger log = LoggerFactory.getLogger(LeaseThreads.class);
  private static final String PREFIX = "entrepot-expiry-";
  private static final long LAST_MOMENTS_MILLIS = 1_000;

  /** Jobs that a thread may have in hand: Quartz takes as many at once, in one transaction. */
  static final int IN_HAND = 8;

  private final int size;
  private final Duration closeTimeout;
  private final ThreadFactory factory;
  private final Semaphore free;
  private final ExecutorService workers;
  private final AtomicInteger made = new AtomicInteger();
  private final Set<Thread> threads = ConcurrentHashMap.newKeySet();

  public LeaseThreads(int size, Duration closeTimeout, ThreadFactory factory) {
    this.factory = factory;
    this.size = size;
    this.closeTimeout = closeTimeout;
    this.free = new Semaphore(size * IN_HAND);
    // A permit is taken for each job, so that no more than this can ever be queued.
    this.workers =
        new ThreadPoolExecutor(
            size,
            size,
            0,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(size * IN_HAND),
            this::worker);
  }

  private Thread worker(Runnable task) {
    @Nullable Thread thread = factory.newThread(task);
    if (thread == null) {
      // The pool would take the job all the same, and nobody would run it.
      throw new RejectedExecutionException("the server makes no more threads");
    }
    thread.setName(PREFIX + made.incrementAndGet());
    thread.setDaemon(true);
    threads.removeIf(old -> old.getState() == Thread.State.TERMINATED);
    threads.add(thread);
    return thread;
  }

  /** Starts a thread of Quartz's own, the one that looks what is due or the one for misfires. */
  @Override
  public void execute(Thread thread) {
    thread.setName(PREFIX + "quartz-" + made.incrementAndGet());
    thread.start();
  }

  /**
   * Waits until half of what may be in hand is done, without end: the scheduler's thread is
   * interrupted when it is to halt, and looks whether it is before it believes the answer.
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
   * Runs a job. Never refuses one, for then Quartz would set every trigger to its state of error.
   * Only the scheduler's thread comes here, with no more jobs than it was told are free. Where the
   * server makes no thread for it, as when it stops, the job is passed over.
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
      for (Thread thread : threads) {
        // The pool counts a thread as gone moments before it is.
        thread.join(ended ? LAST_MOMENTS_MILLIS : 1);
      }
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
