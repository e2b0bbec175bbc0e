package io.entrepot.cache;

import io.entrepot.spool.BlobSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * Reads a blob for one client. The blob is stored or is being filled. Reading never blocks: when it
 * reaches the watermark, {@link #read} returns 0, and the client calls {@link #park}. Used by one
 * thread at a time.
 */
public final class BlobReader implements AutoCloseable {
  private final BlobSource source;
  private final @Nullable ParkedReaders readers;
  private final long end;
  private long position;

  /**
   * Makes a reader.
   *
   * @param source the bytes. The caller has acquired it for this reader; {@link #close} releases
   *     it.
   * @param readers wakes this reader when the watermark rises; null for a stored blob
   * @param first offset of the first byte to read
   * @param end offset after the last byte to read
   */
  public BlobReader(BlobSource source, @Nullable ParkedReaders readers, long first, long end) {
    this.source = source;
    this.readers = readers;
    this.position = first;
    this.end = end;
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
    if (readers != null) {
      readers.checkNotFailed();
    }
    long room = Math.min(source.available(), end) - position;
    if (room <= 0) {
      return 0;
    }
    int limit = target.limit();
    target.limit(target.position() + (int) Math.min(target.remaining(), room));
    try {
      int n = source.read(target, position);
      position += n;
      return n;
    } finally {
      target.limit(limit);
    }
  }

  /**
   * Runs an action once when {@link #read} would no longer return 0.
   *
   * @param wake the action. It runs at once on this thread, or later on the thread of the fill, and
   *     must not block.
   */
  public void park(Runnable wake) {
    if (readers == null) {
      source.park(position, wake);
      return;
    }
    readers.park(wake);
    if (source.available() > position || readers.hasFailed()) {
      readers.unpark(wake);
    }
  }

  @Override
  public void close() {
    source.release();
  }
}
