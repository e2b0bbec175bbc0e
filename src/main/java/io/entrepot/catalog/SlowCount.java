package io.entrepot.catalog;

import java.time.Duration;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * An answer that may take long to find, such as a count of a large table: one that did is kept for
 * ten times as long, so that whoever asks again and again costs a tenth of a processor at the most.
 * Thread-safe; who asks meanwhile waits for the same answer.
 *
 * @param <T> the answer, immutable
 */
public final class SlowCount<T> {
  /** What takes less is asked for each time, so that small caches tell what is. */
  private static final long CHEAP = Duration.ofMillis(100).toNanos();

  private static final int TIMES = 10;

  private final Supplier<T> question;
  private final LongSupplier nanoTime;
  private final ReentrantLock asking = new ReentrantLock();
  private @Nullable T answer;
  private long keptUntil;

  /**
   * Asks nothing yet.
   *
   * @param question what it throws goes to who asked, and is not kept
   * @param nanoTime as {@link System#nanoTime}
   */
  public SlowCount(Supplier<T> question, LongSupplier nanoTime) {
    this.question = question;
    this.nanoTime = nanoTime;
  }

  /** The answer, of now or of a while ago. */
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
