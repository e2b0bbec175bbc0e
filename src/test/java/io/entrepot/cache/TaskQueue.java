package io.entrepot.cache;

import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;

/**
 * An executor whose tasks wait until a test runs them, in the order of their arrival. They run on
 * threads of this queue, so that a test can see which thread does what. Thread-safe.
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

  /** Runs all waiting tasks, and all tasks that they add. */
  public void runAll() {
    while (!waiting.isEmpty()) {
      runNext();
    }
  }

  /** Begins the next task on its own thread, because it may wait for a later step of the test. */
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
