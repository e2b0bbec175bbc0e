package io.entrepot.cache;

import io.entrepot.spool.BlobSource;
import io.entrepot.store.Body;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads a blob for one client. The blob is stored or is being filled. Reading never blocks: when it
 * reaches the watermark, {@link #read} returns 0, and the client calls {@link #park}. Used by one
 * thread at a time.
 */
public final class BlobReader implements AutoCloseable {
  private final BlobSource source;
  private final long end;
  private long position;

  /**
   * Makes a reader.
   *
   * @param source the bytes. The caller has acquired it for this reader; {@link #close} releases
   *     it.
   * @param first offset of the first byte to read
   * @param end offset after the last byte to read
   */
  public BlobReader(BlobSource source, long first, long end) {
    this.source = source;
    this.position = first;
    this.end = end;
  }

  /**
   * Opens a whole body.
   *
   * @throws IOException if it cannot be opened now
   */
  public static BlobReader of(Body body) throws IOException {
    return new BlobReader(body.open(), 0, body.size());
  }

  /** The offset of the next byte. */
  public long position() {
    return position;
  }

  /** The number of bytes that have not been read yet. */
  public long remaining() {
    return end - position;
  }

  /**
   * Reads the next bytes.
   *
   * @return the number of bytes read; 0 if no more bytes have arrived yet, then call {@link #park};
   *     -1 at the end
   * @throws IOException if the fill has failed (the cause is the error for the client), or if the
   *     disk fails
   */
  public int read(ByteBuffer target) throws IOException {
    if (position == end) {
      return -1;
    }
    int limit = target.limit();
    target.limit(target.position() + (int) Math.min(target.remaining(), end - position));
    try {
      int n = source.read(target, position);
      position += n;
      return n;
    } finally {
      target.limit(limit);
    }
  }

  /** Reads all that has not been read yet. Only for a small body whose bytes are all here. */
  public byte[] readRest() throws IOException {
    ByteBuffer rest = ByteBuffer.allocate((int) remaining());
    while (rest.hasRemaining() && read(rest) > 0) {}
    return rest.array();
  }

  /**
   * Runs an action once when {@link #read} would no longer return 0.
   *
   * @param wake the action. It runs at once on this thread, or later on the thread of the fill, and
   *     must not block.
   */
  public void park(Runnable wake) {
    source.park(position, wake);
  }

  @Override
  public void close() {
    source.release();
  }
}
