package io.entrepot.store.s3;

import io.entrepot.spool.BlobSource;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;

/** A stretch of a stored blob as a stream. Closing it does not release the blob. */
final class SourceStream extends InputStream {
  private final BlobSource source;
  private final long end;
  private long at;

  SourceStream(BlobSource source, long first, long length) {
    this.source = source;
    this.at = first;
    this.end = first + length;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    int wanted = (int) Math.min(length, end - at);
    if (wanted == 0) {
      return length == 0 ? 0 : -1;
    }
    int n = source.read(ByteBuffer.wrap(target, offset, wanted), at);
    if (n <= 0) {
      throw new IOException("the file of the blob is shorter than it was");
    }
    at += n;
    return n;
  }
}
