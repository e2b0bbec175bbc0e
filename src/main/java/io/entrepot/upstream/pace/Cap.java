package io.entrepot.upstream.pace;

import io.entrepot.threads.Pace;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A limit of the calls that are under way at once, and of the bytes of blobs per second. Several
 * registries can share it, each by its {@link Restraint}. A call that fetches a blob is under way
 * until its body is closed. Calls wait for their turn in the order in which they came. Thread-safe.
 */
public final class Cap {
  /** One read takes at most this part of a second, so that the others need not wait long. */
  private static final int READS_A_SECOND = 8;

  /** Idle time that may be made up for. */
  private static final Duration ONE_READ = Duration.ofSeconds(1).dividedBy(READS_A_SECOND);

  private final String name;
  private final int calls;
  private final Duration wait;
  private final long bytesPerSecond;
  private final Sleep sleep;
  private final @Nullable Semaphore places;
  private final @Nullable Pace pace;

  /** Waits. */
  @FunctionalInterface
  public interface Sleep {
    void forNanos(long nanos) throws InterruptedException;
  }

  /**
   * A cap in real time.
   *
   * @param name what is limited, for messages: "upstream ghcr.io", "all upstreams"
   * @param calls under way at once, or 0 for any number
   * @param wait how long a call waits for its turn, zero or more
   * @param bytesPerSecond of all bodies together, or 0 for any speed
   */
  public Cap(String name, int calls, Duration wait, long bytesPerSecond) {
    this(name, calls, wait, bytesPerSecond, System::nanoTime, TimeUnit.NANOSECONDS::sleep);
  }

  Cap(
      String name,
      int calls,
      Duration wait,
      long bytesPerSecond,
      LongSupplier nanoTime,
      Sleep sleep) {
    if (calls < 0 || wait.isNegative() || bytesPerSecond < 0) {
      throw new IllegalArgumentException("a negative limit of " + name);
    }
    this.name = name;
    this.calls = calls;
    this.wait = wait;
    this.bytesPerSecond = bytesPerSecond;
    this.sleep = sleep;
    this.places = calls == 0 ? null : new Semaphore(calls, true);
    this.pace = bytesPerSecond == 0 ? null : new Pace(bytesPerSecond, ONE_READ, nanoTime);
  }

  /**
   * Waits for a place, which must be {@linkplain #leave left} in the end.
   *
   * @throws UpstreamException {@link Failure#BUSY} when none became free in time
   */
  void enter() throws UpstreamException {
    if (places == null) {
      return;
    }
    try {
      if (places.tryAcquire(wait.toNanos(), TimeUnit.NANOSECONDS)) {
        return;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new UpstreamException(
          Failure.BUSY, "interrupted while waiting for a call of " + name + " to end", null, e);
    }
    throw UpstreamException.busy(
        calls
            + " calls of "
            + name
            + " are under way, which is the limit; none ended within "
            + wait.toMillis()
            + " ms",
        null);
  }

  void leave() {
    if (places != null) {
      places.release();
    }
  }

  /** How many bytes to read at a time at most. */
  int maxRead() {
    return bytesPerSecond == 0
        ? Integer.MAX_VALUE
        : (int) Math.min(Integer.MAX_VALUE, Math.max(1, bytesPerSecond / READS_A_SECOND));
  }

  /** Waits until these bytes, which have just been read, fit the speed. */
  void delay(int bytes) throws InterruptedIOException {
    long due = pace == null ? 0 : pace.book(bytes);
    if (due <= 0) {
      return;
    }
    try {
      sleep.forNanos(due);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException(
          "interrupted while waiting for the bandwidth limit of " + name);
    }
  }
}
