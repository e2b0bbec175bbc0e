package io.entrepot.http;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.Semaphore;

/**
 * The buffers in which pumps copy bytes. They are large while few clients are served: a write of 64
 * KiB takes hardly longer than a write of 16 KiB. But the server may keep a whole buffer for each
 * client that does not read. So they are small when there are many clients. Thread-safe.
 */
public final class Chunks {
  /** The size of a large buffer in bytes: as much as the kernel sends in one call. */
  static final int LARGE = 64 << 10;

  /**
   * The size of a small buffer in bytes. It keeps a socket busy; a thousand clients need 16 MiB.
   */
  static final int SMALL = 16 << 10;

  /** At most one part in so many of the heap is used for large buffers. */
  private static final int SHARE = 32;

  /** How many unused buffers of a size are kept; about the number of threads that copy at once. */
  private static final int MAX_IDLE = 32;

  private final Semaphore large;
  private final ArrayBlockingQueue<byte[]> idleLarge = new ArrayBlockingQueue<>(MAX_IDLE);
  private final ArrayBlockingQueue<byte[]> idleSmall = new ArrayBlockingQueue<>(MAX_IDLE);

  /**
   * Makes no buffer yet; buffers are made when they are needed.
   *
   * @param heap the largest size of the heap, in bytes
   */
  public Chunks(long heap) {
    large = new Semaphore((int) Math.min(heap / SHARE / LARGE, Integer.MAX_VALUE));
  }

  /**
   * Decides the size of the buffers for a new client. Call {@link #leave} with it when the client
   * is done.
   *
   * @param bytes how many bytes the client gets in all; a client that gets few has a small buffer
   * @return {@link #LARGE} or {@link #SMALL}
   */
  int join(long bytes) {
    return bytes > SMALL && large.tryAcquire() ? LARGE : SMALL;
  }

  /**
   * Ends the use by one client.
   *
   * @param size the size that {@link #join} returned
   */
  void leave(int size) {
    if (size == LARGE) {
      large.release();
    }
  }

  /**
   * Borrows a buffer. Nobody else uses it until it is given back.
   *
   * @param size the size that {@link #join} returned
   */
  byte[] borrow(int size) {
    byte[] used = idle(size).poll();
    return used == null ? new byte[size] : used;
  }

  void giveBack(byte[] buffer) {
    var unused = idle(buffer.length).offer(buffer);
  }

  private ArrayBlockingQueue<byte[]> idle(int size) {
    return size == LARGE ? idleLarge : idleSmall;
  }
}
