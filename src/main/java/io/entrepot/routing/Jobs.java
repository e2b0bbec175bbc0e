package io.entrepot.routing;

import java.util.concurrent.Executor;

/** Runs the jobs of one upstream. */
public interface Jobs {
  /**
   * Runs a job when its turn comes.
   *
   * @throws java.util.concurrent.RejectedExecutionException if too many jobs wait
   */
  void execute(Job job);

  /**
   * Runs a job that has given way, before the other jobs of its client.
   *
   * @throws java.util.concurrent.RejectedExecutionException if the threads are being closed
   */
  default void goOn(Job job) {
    execute(job);
  }

  /** Runs a job that nobody wants when no other job waits. It may be dropped. */
  default void whenIdle(Job job) {}

  /** An executor that runs short tasks for one client. */
  default Executor of(String client) {
    return task -> execute(new ShortTask(client, task));
  }

  /** A task that ends soon. */
  record ShortTask(String client, Runnable task) implements Job {
    @Override
    public void run() {
      task.run();
    }
  }
}
