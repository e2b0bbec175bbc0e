package io.entrepot.http;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * The pieces in which pumps move bytes. They are large while few clients are served at once: a
 * write of 64 KiB costs hardly more than one of 16, but a server may keep as much for each client
 * that does not take it. Thread-safe.
 */
public final class Chunks {
  /** As much as the kernel sends in one go. */
  static final int LARGE = 64 << 10;

  /** Enough to keep a socket busy; a thousand clients then cost 16 MiB. */
  static final int SMALL = 16 << 10;

  /** What part of the heap may be kept in large pieces. */
  private static final int SHARE = 32;

  /** About as many threads as move bytes at once; what more comes back is left to the collector. */
  private static final int MAX_IDLE = 32;

  private final Semaphore large;
  private final ArrayBlockingQueue<byte[]> idleLarge = new ArrayBlockingQueue<>(MAX_IDLE);
  private final ArrayBlockingQueue<byte[]> idleSmall = new ArrayBlockingQueue<>(MAX_IDLE);

  /**
   * Makes the first ones as they are needed.
   *
   * @param heap how large the heap may become, in bytes
   */
  public Chunks(long heap) {
    large = new Semaphore((int) Math.min(heap / SHARE / LARGE, Integer.MAX_VALUE));
  }

  /**
   * How large the pieces of one more client are; to be told to {@link #leave}.
   *
   * @param bytes how many it wants in all: a few are not worth a large piece
   */
  int join(long bytes) {
    return bytes > SMALL && large.tryAcquire() ? LARGE : SMALL;
  }

  /**
   * Lets one client go.
   *
   * @param size what {@link #join} said
   */
  void leave(int size) {
    if (size == LARGE) {
      large.release();
    }
  }

  /**
   * Room for a piece, which nobody else uses until it comes back.
   *
   * @param size what {@link #join} said
   */
  byte[] borrow(int size) {
    byte[] used = idle(size).poll();
    return used == null ? new byte[size] : used;
  }

  void giveBack(byte[] room) {
    var unused = idle(room.length).offer(room);
  }

  private ArrayBlockingQueue<byte[]> idle(int size) {
    return size == LARGE ? idleLarge : idleSmall;
  }
}
