package io.entrepot.cache;

import io.entrepot.spool.BlobSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One client's place in a blob, stored or still arriving. Never blocks: where the watermark is
 * reached, it says so and the client parks. Used by one thread at a time.
 */
public final class BlobReader implements AutoCloseable {
  private final BlobSource source;
  private final @Nullable ParkedReaders readers;
  private final long end;
  private long position;

  /**
   * @param source holds one hold, which {@link #close} releases
   * @param readers what raises the source's watermark; null for a stored blob
   * @param first offset of the first byte to give
   * @param end offset after the last byte to give
   */
  public BlobReader(BlobSource source, @Nullable ParkedReaders readers, long first, long end) {
    this.source = source;
    this.readers = readers;
    this.position = first;
    this.end = end;
  }

  /** How many bytes are still to be read. */
  public long remaining() {
    return end - position;
  }

  /**
   * Reads on.
   *
   * @return the number of bytes read; 0 when nothing more is there yet, then {@link #park}; -1 at
   *     the end
   * @throws IOException when the bytes will never come, its cause being what clients are told; or
   *     when the disk fails
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
   * Asks to be woken, once, when {@link #read} would no longer give 0. The wake may come at once,
   * on this thread, and otherwise on the fill's: it must not block.
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
