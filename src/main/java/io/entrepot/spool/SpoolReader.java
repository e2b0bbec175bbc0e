package io.entrepot.spool;

import java.io.IOException;
import java.nio.ByteBuffer;

/** One reader of a spool file; it reads from one offset to the next. */
final class SpoolReader implements BlobSource {
  private final SpoolFile file;
  private final SpoolBytes bytes;
  private final boolean footer;
  private volatile long position;

  /**
   * @param footer whether it may have the end before that is verified, see {@link SpoolFile#FOOTER}
   */
  SpoolReader(SpoolFile file, SpoolBytes bytes, long first, boolean footer) {
    this.file = file;
    this.bytes = bytes;
    this.position = first;
    this.footer = footer;
  }

  boolean isOfFooter() {
    return footer;
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
    long end = file.end(this, offset);
    if (offset >= end) {
      return 0;
    }
    int n = bytes.read(target, offset, end);
    position = offset + n;
    bytes.moved();
    return n;
  }

  @Override
  public void park(long offset, Runnable wake) {
    file.park(this, offset, wake);
  }

  @Override
  public void release() {
    file.leave(this);
  }
}
