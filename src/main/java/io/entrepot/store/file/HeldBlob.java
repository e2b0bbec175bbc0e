package io.entrepot.store.file;

import io.entrepot.oci.Digest;
import io.entrepot.spool.BlobSource;
import io.entrepot.store.StoredBlob;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A small stored blob whose verified bytes are on the heap too.
 *
 * @param bytes not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // the digest says what the bytes are
record HeldBlob(Digest digest, byte[] bytes) implements StoredBlob {
  @Override
  public long size() {
    return bytes.length;
  }

  @Override
  public BlobSource open() {
    return new HeldBytes(ByteBuffer.wrap(bytes).asReadOnlyBuffer());
  }

  @Override
  public byte[] readSound() {
    return bytes;
  }

  /** None: its file may be gone or unreadable by now, and is not needed. */
  @Override
  public Optional<Path> localFile() {
    return Optional.empty();
  }

  private record HeldBytes(ByteBuffer bytes) implements BlobSource {
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
