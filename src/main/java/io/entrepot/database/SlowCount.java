package io.entrepot.database;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer that may take long to find, such as a count of a large table. An answer that took long
 * is kept for ten times as long as it took, so that whoever asks again and again uses a tenth of a
 * processor at most. Thread-safe; who asks meanwhile waits for the same answer.
 *
 * @param <T> the answer, immutable
 */
public final class SlowCount<T> {
  /** An answer that took less is not kept, so that the figures of small caches are of now. */
  private static final long CHEAP = Duration.ofMillis(100).toNanos();

  private static final int TIMES = 10;

  private final Supplier<T> question;
  private final LongSupplier nanoTime;
  private final ReentrantLock asking = new ReentrantLock();
  private @Nullable T answer;
  private long keptUntil;

  /**
   * Begins without an answer.
   *
   * @param question finds the answer; what it throws goes to who asked, and is not kept
   * @param nanoTime as {@link System#nanoTime}
   */
  public SlowCount(Supplier<T> question, LongSupplier nanoTime) {
    this.question = question;
    this.nanoTime = nanoTime;
  }

  /** The answer as of now, or one that is kept. */
  public T get() {
    asking.lock();
    try {
      T kept = answer;
      return kept != null && nanoTime.getAsLong() - keptUntil < 0 ? kept : ask();
    } finally {
      asking.unlock();
    }
  }

  private T ask() {
    long begun = nanoTime.getAsLong();
    T found = question.get();
    long ended = nanoTime.getAsLong();
    long cost = ended - begun;
    answer = found;
    keptUntil = cost < CHEAP ? ended : ended + TIMES * cost;
    return found;
  }
}
