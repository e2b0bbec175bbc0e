package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.spool.BlobSource;
import io.entrepot.spool.Channels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;

/**
 * A verified blob in the store.
 *
 * @param digest what its bytes hash to
 * @param size in bytes
 * @param file where it is; it may be unlinked at any time, an open source keeps its bytes
 * @param body its bytes where they are on the heap, verified; not to be changed
 */
@SuppressWarnings("ArrayRecordComponent") // the digest says what the bytes are
public record StoredBlob(Digest digest, long size, Path file, byte @Nullable [] body) {

  /** A blob whose bytes are only in its file. */
  public StoredBlob(Digest digest, long size, Path file) {
    this(digest, size, file, null);
  }

  /**
   * Opens it, so that an eviction from now on takes nothing away.
   *
   * @throws java.nio.file.NoSuchFileException when it was evicted just before
   */
  public BlobSource open() throws IOException {
    if (body != null) {
      return new Held(ByteBuffer.wrap(body).asReadOnlyBuffer());
    }
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    return new OpenFile(channel, size);
  }

  /**
   * Reads it whole; for manifests, which are bounded.
   *
   * @return its bytes, not to be changed; null where they do not hash to the digest any more
   */
  public byte @Nullable [] readSound() throws IOException {
    if (body != null) {
      return body;
    }
    byte[] bytes = Files.readAllBytes(file);
    return digest.matches(bytes) ? bytes : null;
  }

  private record OpenFile(FileChannel channel, long available) implements BlobSource {
    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
      return Channels.readBelow(channel, target, offset, available);
    }

    @Override
    public void release() {
      Channels.closeQuietly(channel);
    }
  }

  private record Held(ByteBuffer bytes) implements BlobSource {
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
