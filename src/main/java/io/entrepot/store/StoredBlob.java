package io.entrepot.store;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A verified blob in the store.
 *
 * @param digest what its bytes hash to
 * @param size in bytes
 * @param file where it is; it may be unlinked at any time, an open source keeps its bytes
 */
public record StoredBlob(Digest digest, long size, Path file) {

  /**
   * Opens the file, so that an eviction from now on takes nothing away.
   *
   * @throws java.nio.file.NoSuchFileException when it was evicted just before
   */
  public BlobSource open() throws IOException {
    FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
    return new OpenFile(channel, size);
  }

  /** Reads it whole; for manifests, which are bounded. */
  public byte[] readAll() throws IOException {
    return Files.readAllBytes(file);
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
}
