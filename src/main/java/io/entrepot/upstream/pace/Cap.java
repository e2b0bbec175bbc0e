package io.entrepot.upstream.pace;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * A limit of how many calls are under way at once and of how fast blobs may come, shared by all
 * whose {@link Restraint} names it. A call that brings a blob is under way until its body is
 * closed. Calls wait for their turn in the order in which they came. Thread-safe.
 */
public final class Cap {
  /** When to come again for a place: asking sooner would only add load. */
  public static final Duration SOON = Duration.ofSeconds(1);

  /** So finely is time cut, lest one long read makes the others wait at a stretch. */
  private static final int PIECES_A_SECOND = 8;

  private static final long SECOND = TimeUnit.SECONDS.toNanos(1);

  private final String name;
  private final int calls;
  private final Duration wait;
  private final long bytesPerSecond;
  private final LongSupplier nanoTime;
  private final Sleep sleep;
  private final @Nullable Semaphore places;
  private long paidUntil;

  /** The way to let time pass. */
  @FunctionalInterface
  public interface Sleep {
    void forNanos(long nanos) throws InterruptedException;
  }

  /**
   * A cap in real time.
   *
   * @param name what is capped, for messages: "upstream ghcr.io", "all upstreams"
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
      throw new IllegalArgumentException("a negative cap of " + name);
    }
    this.name = name;
    this.calls = calls;
    this.wait = wait;
    this.bytesPerSecond = bytesPerSecond;
    this.nanoTime = nanoTime;
    this.sleep = sleep;
    this.places = calls == 0 ? null : new Semaphore(calls, true);
    this.paidUntil = nanoTime.getAsLong();
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
    throw new UpstreamException(
        Failure.BUSY,
        calls
            + " calls of "
            + name
            + " are under way, as many as may be; none ended within "
            + wait.toMillis()
            + " ms",
        SOON,
        null);
  }

  void leave() {
    if (places != null) {
      places.release();
    }
  }

  /** How many bytes to read at a time at most, so that nobody waits long. */
  int piece() {
    return bytesPerSecond == 0
        ? Integer.MAX_VALUE
        : (int) Math.min(Integer.MAX_VALUE, Math.max(1, bytesPerSecond / PIECES_A_SECOND));
  }

  /** Waits until these bytes, which have come, were due. */
  void pay(int bytes) throws InterruptedIOException {
    if (bytesPerSecond == 0) {
      return;
    }
    long due = reserve(bytes) - nanoTime.getAsLong();
    if (due <= 0) {
      return;
    }
    try {
      sleep.forNanos(due);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while sparing the bandwidth of " + name);
    }
  }

  /** Books the time that bytes take behind all that is booked; unused time is worth one piece. */
  private synchronized long reserve(int bytes) {
    long earliest = nanoTime.getAsLong() - SECOND / PIECES_A_SECOND;
    long from = paidUntil - earliest > 0 ? paidUntil : earliest;
    paidUntil = from + Math.round((double) bytes * SECOND / bytesPerSecond);
    return paidUntil;
  }
}
