package io.entrepot.database;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.ThreadFactory;

/**
 * Makes the threads of a connection pool and remembers them: the pool counts some as gone moments
 * before they are, and one it does not wait for at all. Thread-safe.
 */
final class PoolThreads implements ThreadFactory {
  private final String name;
  private final Set<Thread> threads = Collections.newSetFromMap(new WeakHashMap<>());

  /**
   * @param name of each of them
   */
  PoolThreads(String name) {
    this.name = name;
  }

  @Override
  public synchronized Thread newThread(Runnable work) {
    Thread thread = new Thread(work, name);
    thread.setDaemon(true);
    threads.add(thread);
    return thread;
  }

  /**
   * Waits until all have ended.
   *
   * @param longest for each of them
   */
  void join(Duration longest) throws InterruptedException {
    for (Thread thread : made()) {
      thread.join(longest.toMillis());
    }
  }

  private synchronized List<Thread> made() {
    return List.copyOf(threads);
  }
}
