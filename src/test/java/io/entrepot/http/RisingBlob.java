package io.entrepot.http;

import io.entrepot.cache.BlobReader;
import io.entrepot.spool.BlobSource;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A blob that is being filled. A test raises its watermark. */
final class RisingBlob implements BlobSource {
  private final byte[] bytes;
  private final Set<Runnable> parked = ConcurrentHashMap.newKeySet();
  private volatile @Nullable RuntimeException failure;
  private volatile long watermark;
  private final AtomicInteger released = new AtomicInteger();

  RisingBlob(byte[] bytes) {
    this.bytes = bytes;
  }

  /** A reader for one client, at the first byte. */
  BlobReader reader() {
    return new BlobReader(this, 0, bytes.length);
  }

  /** Raises the watermark. */
  void rise(long to) {
    watermark = to;
    wakeAll();
  }

  /** Fails the fill. */
  void fail(RuntimeException why) {
    failure = why;
    wakeAll();
  }

  private void wakeAll() {
    parked.forEach(this::unpark);
  }

  private void unpark(Runnable wake) {
    if (parked.remove(wake)) {
      wake.run();
    }
  }

  @Override
  public void park(long offset, Runnable wake) {
    parked.add(wake);
    if (watermark > offset || failure != null) {
      unpark(wake);
    }
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
  public int read(ByteBuffer target, long offset) throws IOException {
    RuntimeException why = failure;
    if (why != null) {
      throw new IOException(why.getMessage(), why);
    }
    int n = (int) Math.min(target.remaining(), watermark - offset);
    target.put(bytes, (int) offset, n);
    return n;
  }

  @Override
  public void release() {
    released.incrementAndGet();
  }
}
