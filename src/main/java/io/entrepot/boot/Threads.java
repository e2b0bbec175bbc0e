package io.entrepot.boot;

import io.entrepot.access.LdapLogins;
import io.entrepot.routing.FairThreads;
import io.entrepot.routing.Jobs;
import io.entrepot.threads.NamedThreads;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.BlockingQueue;
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
 * The executors of one deployment; docs/concurrency.md explains each of them. All have a limited
 * number of threads and a limited queue. All threads have names and end in {@link #close}.
 */
final class Threads implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Threads.class);

  /**
   * The length of each queue. No server has so many connections by default. When the queue is full,
   * requests get status 503 at once.
   */
  private static final int MAX_WAITING = 10_000;

  /** The number of threads for queries: as many as the embedded database has connections. */
  private static final int MAX_LOOKUPS = 8;

  /** How often waiting jobs look whether another has had its turn, or is no longer wanted. */
  private static final Duration LOOK = Duration.ofMillis(250);

  /** How many passwords are checked at once. Each takes a whole processor. */
  private static final int LOGINS_AT_ONCE = 2;

  /** How many passwords wait. With a tenth of a second for each, the last waits three seconds. */
  private static final int MAX_LOGINS = 64;

  /** How many prefetches run at once. Each waits for the upstream nearly all the time. */
  private static final int PREFETCHES_AT_ONCE = 2;

  /** How many prefetches wait. */
  private static final int MAX_PREFETCHES = 100;

  /** As many as there may be OpenID Connect providers: a slow one holds up no other. */
  private static final int MAX_KEY_READS = 16;

  private static final Duration IDLE = Duration.ofSeconds(30);
  private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(5);

  private final ThreadPoolExecutor fills;
  private final ThreadPoolExecutor questions;
  private final ThreadPoolExecutor lookups;
  private final ThreadPoolExecutor pumps;
  private final ThreadPoolExecutor scrub;
  private final ThreadPoolExecutor room;
  private final ThreadPoolExecutor bucket;
  private final ThreadPoolExecutor syncs;
  private final ThreadPoolExecutor logins;
  private final ThreadPoolExecutor prefetches;
  private final ThreadPoolExecutor keys;
  private final ThreadPoolExecutor ldap;
  private final ScheduledThreadPoolExecutor timer;
  private final FairThreads fairFills;
  private final FairThreads fairQuestions;

  /**
   * Makes the executors. Threads start when they are needed.
   *
   * @param factory makes the threads; they get our names
   * @param maxFills how many fills run at once
   * @param maxQuestions how many short requests to upstreams run at once
   * @param upstreams the number of upstreams, 1 or more
   */
  Threads(ThreadFactory factory, int maxFills, int maxQuestions, int upstreams) {
    // A fill that gives way to another still has to write down how far it is.
    fills = pool(factory, "entrepot-fill", maxFills + Math.max(1, maxFills / 8));
    questions = pool(factory, "entrepot-ask", maxQuestions);
    lookups = pool(factory, "entrepot-lookup", MAX_LOOKUPS);
    pumps =
        pool(factory, "entrepot-pump", Math.max(4, 2 * Runtime.getRuntime().availableProcessors()));
    scrub = pool(factory, "entrepot-scrub", 1);
    room = pool(factory, "entrepot-room", 1);
    bucket = pool(factory, "entrepot-bucket", 1);
    syncs = pool(factory, "entrepot-sync", 1);
    logins = pool(factory, "entrepot-login", LOGINS_AT_ONCE, new LinkedBlockingQueue<>(MAX_LOGINS));
    prefetches =
        pool(
            factory,
            "entrepot-prefetch",
            PREFETCHES_AT_ONCE,
            new LinkedBlockingQueue<>(MAX_PREFETCHES));
    keys = pool(factory, "entrepot-keys", MAX_KEY_READS, new LinkedBlockingQueue<>(MAX_KEY_READS));
    ldap =
        pool(factory, "entrepot-ldap", LdapLogins.AT_ONCE, new LinkedBlockingQueue<>(MAX_LOGINS));
    timer = new ScheduledThreadPoolExecutor(1, new NamedThreads("entrepot-timer", factory));
    timer.setRemoveOnCancelPolicy(true);
    fairFills = new FairThreads(fills, maxFills, upstreams, MAX_WAITING, System::nanoTime);
    fairQuestions =
        new FairThreads(questions, maxQuestions, upstreams, MAX_WAITING, System::nanoTime);
  }

  /** Begins to look at jobs that wait. */
  void start() {
    for (FairThreads fair : List.of(fairFills, fairQuestions)) {
      var unused =
          timer.scheduleWithFixedDelay(
              fair::look, LOOK.toMillis(), LOOK.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private static ThreadPoolExecutor pool(ThreadFactory factory, String name, int threads) {
    return pool(factory, name, threads, new LinkedBlockingQueue<>(MAX_WAITING));
  }

  private static ThreadPoolExecutor pool(
      ThreadFactory factory, String name, int threads, BlockingQueue<Runnable> queue) {
    ThreadPoolExecutor pool =
        new ThreadPoolExecutor(
            threads,
            threads,
            IDLE.toSeconds(),
            TimeUnit.SECONDS,
            queue,
            new NamedThreads(name, factory));
    pool.allowCoreThreadTimeOut(true);
    return pool;
  }

  /** Runs fills. A fill blocks on the upstream and on the disk. */
  ExecutorService fills() {
    return fills;
  }

  /** Runs short requests to upstreams. */
  ExecutorService questions() {
    return questions;
  }

  /** The fills of one upstream, on a fair share of {@link #fills}. */
  Jobs fillsOf(String upstream) {
    return fairFills.of(upstream);
  }

  /** The short requests to one upstream, on a fair share of {@link #questions}. */
  Jobs questionsOf(String upstream) {
    return fairQuestions.of(upstream);
  }

  /** Runs the database queries of requests, so that no thread of the server waits for them. */
  ExecutorService lookups() {
    return lookups;
  }

  /** Sends bytes and answers to clients. Never blocks on the upstream. */
  ExecutorService pumps() {
    return pumps;
  }

  /** Checks passwords, which takes a processor some tenths of a second each. */
  ExecutorService logins() {
    return logins;
  }

  /** Reads the keys of OpenID Connect providers. */
  ExecutorService keys() {
    return keys;
  }

  /** Runs prefetches. They wait for the upstream. */
  ExecutorService prefetches() {
    return prefetches;
  }

  /** Asks the LDAP directory about users. Blocks on it for some seconds at most. */
  ExecutorService ldap() {
    return ldap;
  }

  /** Runs the scrub, one long task. */
  ExecutorService scrub() {
    return scrub;
  }

  /** Makes room on the disk, one task at a time. */
  ExecutorService room() {
    return room;
  }

  /** Puts blobs into the bucket, one long task. */
  ExecutorService bucket() {
    return bucket;
  }

  /** Writes files of fills through to the disk while the fills continue. */
  ExecutorService syncs() {
    return syncs;
  }

  /** Runs deadlines and periodic tasks, all of them short. */
  ScheduledExecutorService timer() {
    return timer;
  }

  /** Starts no more work for clients. Fills that still fetch bytes leave off where they are. */
  void stop() {
    fairFills.close();
    fairQuestions.close();
  }

  /**
   * Waits up to five seconds for fills that store their blobs: clients have received these. Then
   * interrupts all tasks, and waits up to five seconds until all threads have ended.
   */
  @Override
  public void close() {
    stop();
    fills.shutdown();
    try {
      if (!fills.awaitTermination(CLOSE_TIMEOUT.toMillis(), TimeUnit.MILLISECONDS)) {
        log.warn("Fills did not end within {}; their blobs may not be stored", CLOSE_TIMEOUT);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    interrupt();
  }

  private void interrupt() {
    List<ThreadPoolExecutor> executors =
        List.of(
            timer,
            scrub,
            room,
            bucket,
            fills,
            syncs,
            questions,
            lookups,
            logins,
            keys,
            ldap,
            prefetches,
            pumps);
    executors.forEach(ThreadPoolExecutor::shutdownNow);
    long deadline = System.nanoTime() + CLOSE_TIMEOUT.toNanos();
    try {
      for (ThreadPoolExecutor executor : executors) {
        Duration left = Duration.ofNanos(deadline - System.nanoTime());
        for (Thread thread : ((NamedThreads) executor.getThreadFactory()).join(left)) {
          log.error("Thread {} did not end within {}", thread.getName(), CLOSE_TIMEOUT);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
