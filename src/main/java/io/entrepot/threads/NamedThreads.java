package io.entrepot.threads;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * A thread factory that names its threads, makes them daemons and remembers them. A pool counts a
 * thread as gone moments before it is, so whoever closes a pool {@linkplain #join waits} here for
 * the threads themselves. Thread-safe.
 */
public final class NamedThreads implements ThreadFactory {
  private final String name;
  private final ThreadFactory maker;

  /** That of the application, since a factory is made while it is deployed. */
  private final @Nullable ClassLoader loader = Thread.currentThread().getContextClassLoader();

  private final Set<Thread> threads = Collections.newSetFromMap(new WeakHashMap<>());
  private int count;

  /**
   * @param name of all of them; a hyphen and a number follow
   * @param maker makes the threads; may be the server's
   */
  public NamedThreads(String name, ThreadFactory maker) {
    this.name = name;
    this.maker = maker;
  }

  /**
   * Makes a thread.
   *
   * @throws RejectedExecutionException where the maker makes no more threads, as when a server
   *     stops; an executor that gets it has refused the task
   */
  @Override
  public synchronized Thread newThread(Runnable work) {
    Thread thread = make(work);
    count++;
    thread.setName(name + "-" + count);
    thread.setDaemon(true);
    // A new thread has the class loader of the thread that asks for it, which may be anybody's.
    thread.setContextClassLoader(loader);
    threads.add(thread);
    return thread;
  }

  private Thread make(Runnable work) {
    @Nullable Thread thread;
    try {
      thread = maker.newThread(work);
    } catch (IllegalStateException e) {
      throw new RejectedExecutionException("the server makes no more threads", e);
    }
    if (thread == null) {
      throw new RejectedExecutionException("the server makes no more threads");
    }
    return thread;
  }

  /**
   * Waits until all threads have ended.
   *
   * @param longest for all together; each gets a millisecond at least
   * @return those that still run
   */
  public List<Thread> join(Duration longest) throws InterruptedException {
    long deadline = System.nanoTime() + longest.toNanos();
    List<Thread> made = made();
    for (Thread thread : made) {
      long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
      thread.join(Math.max(1, millis));
    }
    return made.stream().filter(Thread::isAlive).toList();
  }

  private synchronized List<Thread> made() {
    return List.copyOf(threads);
  }
}
