package io.entrepot.upstream.wire;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;

/** A body of known length that says when its last byte has been read. Used by one thread. */
final class EndingStream extends FilterInputStream {
  private final Runnable atEnd;
  private long left;

  /**
   * @param length in bytes, 1 or more
   * @param atEnd runs once, on the reading thread, after the last byte has been read
   */
  EndingStream(InputStream body, long length, Runnable atEnd) {
    super(body);
    this.left = length;
    this.atEnd = atEnd;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] chunk, int offset, int length) throws IOException {
    if (left == 0) {
      return length == 0 ? 0 : -1;
    }
    int n = super.read(chunk, offset, (int) Math.min(length, left));
    if (n > 0) {
      left -= n;
      if (left == 0) {
        atEnd.run();
      }
    }
    return n;
  }

  @Override
  public long skip(long n) {
    return 0; // what is skipped would not be counted
  }

  @Override
  public boolean markSupported() {
    return false;
  }
}
