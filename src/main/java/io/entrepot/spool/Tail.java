package io.entrepot.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;

/**
 * The bytes of a blob that the disk did not take: a bounded window in memory that moves with the
 * slowest reader. Clients get their blob although it cannot be kept. One thread appends: it waits
 * for readers, and leaves behind one that does not read at all. Its monitor guards the window.
 */
final class Tail {
  /** In bytes, for each fill: enough to keep a fast reader busy. */
  static final int CAPACITY = 1 << 20;

  private final byte[] window = new byte[CAPACITY];
  private final long begin;
  private final Duration patience;
  private final Set<SpoolReader> readers = ConcurrentHashMap.newKeySet();
  private long start;
  private long end;

  /**
   * Begins a window.
   *
   * @param begin offset in the blob of the first byte that is not on disk
   * @param patience how long the slowest reader may stand still
   */
  Tail(long begin, Duration patience) {
    this.begin = begin;
    this.start = begin;
    this.end = begin;
    this.patience = patience;
  }

  /**
   * Lets a reader follow, if nothing that it needs has been dropped.
   *
   * @return false where it cannot follow
   */
  synchronized boolean admit(SpoolReader reader) {
    if (start > begin && reader.position() < start) {
      return false;
    }
    readers.add(reader);
    return true;
  }

  synchronized void leave(SpoolReader reader) {
    readers.remove(reader);
    notifyAll();
  }

  /** A reader has moved on. */
  synchronized void moved() {
    notifyAll();
  }

  /** Appends, waiting for room. */
  synchronized void append(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      int room = awaitRoom();
      int at = (int) (end % CAPACITY);
      int n = Math.min(Math.min(room, bytes.remaining()), CAPACITY - at);
      bytes.get(window, at, n);
      end += n;
    }
  }

  private int awaitRoom() throws IOException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      start = slowest();
      int room = (int) (CAPACITY - (end - start));
      if (room > 0) {
        return room;
      }
      long now = System.nanoTime();
      if (leftBehindSlowest(now - deadline)) {
        deadline = now + patience.toNanos();
        continue;
      }
      try {
        wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - now)));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException("the application stops", e);
      }
    }
  }

  private long slowest() {
    long slowest = readers.isEmpty() ? start : Long.MAX_VALUE;
    for (SpoolReader reader : readers) {
      slowest = Math.min(slowest, reader.position());
    }
    return Math.max(start, slowest);
  }

  private boolean leftBehindSlowest(long nanosOverdue) throws IOException {
    if (nanosOverdue < 0) {
      return false;
    }
    if (readers.isEmpty()) {
      throw new IOException("nobody reads a blob that cannot be kept");
    }
    long slowest = slowest();
    readers.removeIf(reader -> reader.position() <= slowest);
    return true;
  }

  long begin() {
    return begin;
  }

  /** Whether this offset is here rather than on disk. */
  boolean holds(long offset) {
    return offset >= begin;
  }

  /**
   * Reads from the window.
   *
   * @throws IOException when the reader has been left behind
   */
  synchronized int read(ByteBuffer target, long offset, long watermark) throws IOException {
    if (offset < start) {
      throw new IOException("the client read too slowly for a blob that cannot be kept");
    }
    int at = (int) (offset % CAPACITY);
    int n = (int) Math.min(Math.min(target.remaining(), watermark - offset), CAPACITY - at);
    target.put(window, at, n);
    return n;
  }
}
