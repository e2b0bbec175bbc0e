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
 * An executor for one upstream that uses only a share of threads which several upstreams have in
 * common. More tasks than the share wait in a queue of this executor, in the order of their
 * arrival. So a slow upstream leaves threads for the others. Thread-safe. No task runs while the
 * monitor of this object is held.
 */
public final class ExecutorShare implements Executor {
  private static final Logger log = LoggerFactory.getLogger(ExecutorShare.class);

  private final ExecutorService threads;
  private final int width;
  private final int maxWaiting;
  private final Queue<Runnable> waiting = new ArrayDeque<>();
  private int running;

  /**
   * Makes the executor.
   *
   * @param threads the shared threads; the caller closes them
   * @param width how many of the threads this executor uses at most, 1 or more
   * @param maxWaiting how many tasks may wait in the queue; further tasks are rejected
   */
  public ExecutorShare(ExecutorService threads, int width, int maxWaiting) {
    if (width < 1 || maxWaiting < 0) {
      throw new IllegalArgumentException(
          "not a share of threads: width " + width + ", queue " + maxWaiting);
    }
    this.threads = threads;
    this.width = width;
    this.maxWaiting = maxWaiting;
  }

  /**
   * How many threads of a pool one upstream may use: three quarters, so that a quarter stays free
   * for the other upstreams. If there is only one upstream, it may use all.
   *
   * @param threads the number of threads of the pool, 1 or more
   * @param upstreams the number of upstreams, 1 or more
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
      throw new RejectedExecutionException("too many tasks wait in the queue");
    }
  }

  private void run(Runnable first) {
    for (Runnable task = first; task != null; task = next()) {
      try {
        task.run();
      } catch (RuntimeException | Error e) {
        // The tasks that wait behind this one must still run.
        log.error("A task failed with an unexpected exception", e);
      }
    }
  }

  /**
   * Takes the next task from the queue. Submits it to the shared threads, behind the tasks that
   * other upstreams have submitted. If they reject it, returns it, so that this thread runs it.
   */
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
