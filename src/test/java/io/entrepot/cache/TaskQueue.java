package io.entrepot.cache;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * An executor whose tasks wait until a test runs them, in the order in which they came. They run on
 * threads of the queue's own, so that it shows which thread does what. Thread-safe.
 */
public final class TaskQueue implements Executor, AutoCloseable {
  private final Queue<Runnable> waiting = new ConcurrentLinkedQueue<>();
  private final ExecutorService threads;
  private volatile boolean full;

  /**
   * An empty queue.
   *
   * @param name of its threads
   */
  public TaskQueue(String name) {
    threads =
        Executors.newCachedThreadPool(
            task -> {
              Thread thread = new Thread(task, name);
              thread.setDaemon(true);
              return thread;
            });
  }

  @Override
  public void execute(Runnable task) {
    if (full) {
      throw new RejectedExecutionException("full");
    }
    waiting.add(task);
  }

  /** Takes no more tasks, or takes them again. */
  public void full(boolean now) {
    full = now;
  }

  /** How many tasks wait. */
  public int size() {
    return waiting.size();
  }

  /** Runs the next task to its end. */
  public void runNext() {
    begin().join();
  }

  /** Runs what waits, and what that adds, to the end. */
  public void runAll() {
    while (!waiting.isEmpty()) {
      runNext();
    }
  }

  /** Begins the next task, which may have to wait for something else that the test does. */
  public CompletableFuture<Void> begin() {
    Runnable task = waiting.poll();
    if (task == null) {
      throw new IllegalStateException("nothing waits");
    }
    return CompletableFuture.runAsync(task, threads);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
