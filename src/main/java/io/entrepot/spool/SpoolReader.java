package io.entrepot.spool;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One reader of a spool file; it reads from one offset to the next. */
final class SpoolReader implements BlobSource {
  private final SpoolFile file;
  private volatile long position;

  SpoolReader(SpoolFile file, long first) {
    this.file = file;
    this.position = first;
  }

  long position() {
    return position;
  }

  @Override
  public long available() {
    return file.available();
  }

  @Override
  public int read(ByteBuffer target, long offset) throws IOException {
    file.checkNotFailed();
    if (offset >= file.available()) {
      return 0;
    }
    int n = file.read(target, offset);
    position = offset + n;
    file.moved();
    return n;
  }

  @Override
  public void park(long offset, Runnable wake) {
    file.park(offset, wake);
  }

  @Override
  public void release() {
    file.leave(this);
  }
}
