package io.entrepot.boot;

import io.entrepot.routing.ExecutorShare;
import io.entrepot.threads.NamedThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The executors of one deployment; docs/concurrency.md says what each is for. All are bounded in
 * threads and queue, all threads are named and end with {@link #close}.
 */
final class Threads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Threads.class);

  /** More than any server has connections by default: what is beyond gets a 503 at once. */
  private static final int MAX_WAITING = 10_000;

  /** As many as the embedded database has connections. */
  private static final int MAX_LOOKUPS = 8;

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration LAST_WORDS = Duration.ofSeconds(5);

  private final ThreadPoolExecutor fills;
  private final ThreadPoolExecutor questions;
  private final ThreadPoolExecutor lookups;
  private final ThreadPoolExecutor pumps;
  private final ThreadPoolExecutor scrub;
  private final ThreadPoolExecutor syncs;
  private final ScheduledThreadPoolExecutor timer;

  /**
   * Makes the executors; threads start as they are needed.
   *
   * @param factory makes the threads, which get our names
   * @param maxFills how many fills run at once
   * @param maxQuestions how many short questions to the upstream run at once
   */
  Threads(ThreadFactory factory, int maxFills, int maxQuestions) {
    fills = pool(factory, "entrepot-fill", maxFills);
    questions = pool(factory, "entrepot-ask", maxQuestions);
    lookups = pool(factory, "entrepot-lookup", MAX_LOOKUPS);
    pumps =
        pool(factory, "entrepot-pump", Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));
    scrub = pool(factory, "entrepot-scrub", 1);
    syncs = pool(factory, "entrepot-sync", 1);
    timer = new ScheduledThreadPoolExecutor(1, new NamedThreads("entrepot-timer", factory));
    timer.setRemoveOnCancelPolicy(true);
  }

  private static ThreadPoolExecutor pool(ThreadFactory factory, String name, int threads) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE.toSeconds(),
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(MAX_WAITING),
            new NamedThreads(name, factory));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Runs fills: each blocks on the upstream and on the disk. */
  ExecutorService fills() {
    return fills;
  }

  /** Runs short questions to the upstream. */
  ExecutorService questions() {
    return questions;
  }

  /** The part of {@link #fills} that one of so many upstreams has. */
  Executor fillShare(int upstreams) {
    return share(fills, upstreams);
  }

  /** The part of {@link #questions} that one of so many upstreams has. */
  Executor questionShare(int upstreams) {
    return share(questions, upstreams);
  }

  private static Executor share(ThreadPoolExecutor pool, int upstreams) {
    return new ExecutorShare(
        pool, ExecutorShare.share(pool.getMaximumPoolSize(), upstreams), MAX_WAITING);
  }

  /** Asks the database for clients, so that no thread of the server waits for it. */
  ExecutorService lookups() {
    return lookups;
  }

  /** Moves bytes to clients and sends answers; never blocks on the upstream. */
  ExecutorService pumps() {
    return pumps;
  }

  /** The watch over what is stored: one long task. */
  ExecutorService scrub() {
    return scrub;
  }

  /** Waits for the disk while fills go on. */
  ExecutorService syncs() {
    return syncs;
  }

  /** Deadlines and periodic work, all of it short. */
  ScheduledExecutorService timer() {
    return timer;
  }

  /** Interrupts what runs and waits a little for every thread to be gone. */
  @Override
  public void close() {
    List<ThreadPoolExecutor> executors =
        List.of(timer, scrub, fills, syncs, questions, lookups, pumps);
    executors.forEach(ThreadPoolExecutor::shutdownNow);
    long deadline = System.nanoTime() + LAST_WORDS.toNanos();
    try {
      for (ThreadPoolExecutor executor : executors) {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        for (Thread thread : ((NamedThreads) executor.getThreadFactory()).join(left)) {
          log.error("Thread {} did not end within {}", thread.getName(), LAST_WORDS);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
