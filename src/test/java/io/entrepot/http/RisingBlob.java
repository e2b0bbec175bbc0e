package io.entrepot.http;

import io.entrepot.cache.BlobReader;
import io.entrepot.cache.ParkedReaders;
import io.entrepot.spool.BlobSource;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicInteger;

/** A blob that is being filled. A test raises its watermark. */
final class RisingBlob implements BlobSource {
  private final byte[] bytes;
  private final ParkedReaders readers = new ParkedReaders();
  private volatile long watermark;
  private final AtomicInteger released = new AtomicInteger();

  RisingBlob(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A reader for one client, at the first byte. */
  BlobReader reader() {
    return new BlobReader(this, readers, 0, bytes.length);
  }

  /** Raises the watermark. */
  void rise(long to) {
    watermark = to;
    readers.wakeAll();
  }

  /** Fails the fill. */
  void fail(RuntimeException why) {
    readers.fail(why);
  }

  /** How often a reader has released it. */
  int released() {
    return released.get();
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
    released.incrementAndGet();
  }
}
