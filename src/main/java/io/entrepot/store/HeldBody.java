package io.entrepot.store;

import io.entrepot.spool.BlobSource;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A body on the heap.
 *
 * @param bytes not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // bodies are never compared by equals
public record HeldBody(byte[] bytes) implements Body {
  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public long held() {
    return bytes.length;
  }

  @Override
  public BlobSource open() {
    return new Source(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
  }

  @Override
  public Optional<Path> localFile() {
    return Optional.empty();
  }

  private record Source(ByteBuffer bytes) implements BlobSource {
    @Override
    public long available() {
      return bytes.capacity();
    }

    @Override
    public int read(ByteBuffer target, long offset) {
      int n = Math.min(target.remaining(), bytes.capacity() - (int) offset);
      target.put(bytes.slice((int) offset, n));
      return n;
    }

    @Override
    public void release() {}
  }
}
