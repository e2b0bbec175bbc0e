package io.entrepot.cache;

import io.entrepot.spool.BlobSource;
import java.nio.ByteBuffer;


/** A blob that is all there and costs next to nothing to read. */
public final class Pattern implements BlobSource {
  private final byte[] bytes = new byte[64 << 10];
  private final long size;

  /**
   * A blob of zeros.
   *
   * @param size in bytes
   */
  public Pattern(long size) {
    this.size = size;
  }

  /** One client's place in it. */
  public BlobReader reader() {
    return new BlobReader(this, 0, size);
  }

  @Override
  public long available() {
    return size;
  }

  @Override
  public int read(ByteBuffer target, long offset) {
    int n = Math.min(target.remaining(), bytes.length);
    target.put(bytes, 0, n);
    return n;
  }

  @Override
  public void release() {}
}
