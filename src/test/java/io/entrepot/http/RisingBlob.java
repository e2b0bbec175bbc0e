package io.entrepot.http;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.ParkedReaders;
import io.entrepot.spool.BlobSource;
import java.nio.ByteBuffer;

/** A blob under way, whose watermark a test raises. */
final class RisingBlob implements BlobSource {
  private final byte[] bytes;
  private final ParkedReaders readers = new ParkedReaders();
  private volatile long watermark;
  private volatile int released;

  RisingBlob(byte[] bytes) {
    this.bytes = bytes;
  }

  /** One client's place at its beginning. */
  BlobReader reader() {
    return new BlobReader(this, readers, 0, bytes.length);
  }

  /** So many bytes of it are there from now on. */
  void rise(long to) {
    watermark = to;
    readers.wakeAll();
  }

  /** No more of it will come. */
  void fail(RuntimeException why) {
    readers.fail(why);
  }

  /** How often a client has let go of it. */
  int released() {
    return released;
  }

  @Override
  public long available() {
    return watermark;
  }

  @Override
  public int read(ByteBuffer target, long offset) {
    int n = (int) Math.min(target.remaining(), watermark - offset);
    target.put(bytes, (int) offset, n);
    return n;
  }

  @Override
  public void release() {
    released++;
  }
}
