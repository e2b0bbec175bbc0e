package io.entrepot.spool;

import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Bytes of one blob that can be read at any offset below a watermark: a stored blob, whose
 * watermark is its end, or one that is still being filled. Safe for use by many readers at once;
 * none moves a position of the others.
 */
public interface BlobSource {
  /** The watermark: how many bytes, from the first, may be read now. It never goes back. */
  long available();

  /**
   * Reads from an offset below the watermark.
   *
   * @return how many bytes were read: at least 1, at most what the buffer takes and the watermark
   *     allows
   */
  int read(ByteBuffer target, long offset) throws IOException;

  /** Gives up one hold on the underlying file; the last one closes it. */
  void release();
}
