package io.entrepot.cluster;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.concurrent.atomic.LongAdder;

/** A stream that counts the bytes that are read from it. */
final class CountedStream extends FilterInputStream {
  private final LongAdder count;

  CountedStream(InputStream in, LongAdder count) {
    super(in);
    this.count = count;
  }

  @Override
  public int read() throws IOException {
    int read = super.read();
    count.add(read < 0 ? 0 : 1);
    return read;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = super.read(buffer, offset, length);
    count.add(Math.max(0, read));
    return read;
  }
}
