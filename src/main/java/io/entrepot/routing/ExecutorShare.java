package io.entrepot.routing;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One upstream's share in threads that several upstreams have in common. What is more than the
 * share waits in a queue of its own, in the order in which it came, so that an upstream which takes
 * long leaves threads to the others. Thread-safe; no task runs under its monitor.
 */
public final class ExecutorShare implements Executor {
  private static final Logger log = LoggerFactory.getLogger(ExecutorShare.class);

  private final ExecutorService threads;
  private final int width;
  private final int maxWaiting;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int running;

  /**
   * @param threads shared; it stays the caller's
   * @param width how many of them this lane has at most, 1 or more
   * @param maxWaiting how many tasks wait at most; one more is rejected
   */
  public ExecutorShare(ExecutorService threads, int width, int maxWaiting) {
    if (width < 1 || maxWaiting < 0) {
      throw new IllegalArgumentException("no lane: " + width + ", " + maxWaiting);
    }
    this.threads = threads;
    this.width = width;
    this.maxWaiting = maxWaiting;
  }

  /**
   * The part of a pool that one of several upstreams has: all but a quarter, which is left to the
   * others, and all of it where there are no others.
   *
   * @param threads of the pool, 1 or more
   * @param upstreams 1 or more
   */
  public static int share(int threads, int upstreams) {
    return upstreams == 1 ? threads : Math.max(1, threads - Math.max(1, threads / 4));
  }

  @Override
  public synchronized void execute(Runnable task) {
    if (running < width) {
      threads.execute(() -> run(task));
      running++;
    } else if (waiting.size() < maxWaiting) {
      waiting.add(task);
    } else {
      throw new RejectedExecutionException("too many tasks wait for their turn");
    }
  }

  private void run(Runnable first) {
    for (Runnable task = first; task != null; task = next()) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // Who waits behind it must not wait for ever.
        log.error("A task failed in a way nobody foresaw", e);
      }
    }
  }

  /** Gives the thread back, behind what other lanes have waiting, where the threads take that. */
  private synchronized @Nullable Runnable next() {
    Runnable next = waiting.poll();
    if (next == null || threads.isShutdown()) {
      running--;
      return null;
    }
    try {
      threads.execute(() -> run(next));
      return null;
    } catch (RejectedExecutionException e) {
      return next;
    }
  }
}
