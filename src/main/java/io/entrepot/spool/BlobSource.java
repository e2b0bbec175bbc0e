package io.entrepot.spool;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Bytes of one blob, readable at any offset below a watermark. For a stored blob the watermark is
 * its end. For a blob that is still arriving it rises, and stretches beyond it may be readable too.
 * Many readers may use one source at once; none moves a position of the others.
 */
public interface BlobSource {
  /** The watermark: how many bytes, from the first, may be given to a client. It never falls. */
  long available();

  /**
   * Reads from an offset. Never waits for bytes that are still on their way.
   *
   * @return how many bytes were read: at most what the buffer takes and the watermark allows; 0
   *     when nothing at this offset is here yet, then {@link #park}
   * @throws IOException when the disk fails, or the bytes will never come; its cause is then what
   *     clients are told
   */
  int read(ByteBuffer target, long offset) throws IOException;

  /**
   * Asks to be woken, once, when a read at this offset would no longer give 0. A source whose bytes
   * are all here wakes at once.
   *
   * @param wake must not block; run on this thread, or on the one that brings the bytes
   */
  default void park(long offset, Runnable wake) {
    wake.run();
  }

  /** Gives up one hold on the underlying file; the last one closes it. */
  void release();
}
