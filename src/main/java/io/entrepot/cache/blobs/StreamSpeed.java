package io.entrepot.cache.blobs;

import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;

/**
 * How fast the responses that go to the end of a blob come. A part that comes at the same time is
 * compared with them: then both have what is left of the line. {@link Segments} guards it.
 */
final class StreamSpeed {
  /** So long a part is given: a new connection is slow at first. */
  private static final long JUDGED = TimeUnit.SECONDS.toNanos(3);

  /** So long the stream must have sent at that time. */
  private static final long MEASURED = TimeUnit.MILLISECONDS.toNanos(200);

  /** A part that comes so many times slower is not worth its connection. */
  private static final int MUCH = 4;

  private final LongSupplier nanoTime;
  private long streamed;
  private long streamedAt;

  /**
   * Has measured nothing.
   *
   * @param nanoTime a monotonic clock
   */
  StreamSpeed(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.streamedAt = nanoTime.getAsLong();
  }

  /**
   * The moment when a part is asked for.
   *
   * @param at its first byte
   * @param streamed how much had come by then
   */
  record Mark(long time, long at, long streamed) {}

  Mark mark(long at) {
    return new Mark(nanoTime.getAsLong(), at, streamed);
  }

  /** Counts bytes of a response that goes to the end of the blob. */
  void streamed(int bytes) {
    streamed += bytes;
    streamedAt = nanoTime.getAsLong();
  }

  /** Whether a part has come much slower since it was asked for, up to a byte. */
  boolean isMuchFasterThan(Mark asked, long at) {
    long time = nanoTime.getAsLong() - asked.time();
    long timeOfStream = streamedAt - asked.time();
    if (time < JUDGED || timeOfStream < MEASURED) {
      return false;
    }
    double rate = (double) (at - asked.at()) / time;
    return rate * MUCH < (double) (streamed - asked.streamed()) / timeOfStream;
  }
}
