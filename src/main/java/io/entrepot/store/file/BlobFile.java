package io.entrepot.store.file;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import io.entrepot.spool.BlobSource;
import io.entrepot.spool.Channels;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A stored blob whose bytes are in its file.
 *
 * @param file may be unlinked at any time; an open source keeps its bytes
 * @param unreadable is told when the file cannot be opened
 * @param opened is told while clients read the file
 */
record BlobFile(Digest digest, long size, Path file, UnreadableBlobs unreadable, OpenBlobs opened)
    implements StoredBlob {
  private static final int CHUNK = 64 << 10;

  @Override
  public BlobSource open() throws IOException {
    opened.add(digest); // first, so that a file that is open is always known
    try {
      return new OpenFile(
          FileChannel.open(file, StandardOpenOption.READ), this, new AtomicBoolean());
    } catch (IOException e) {
      opened.remove(digest);
      throw gone(e);
    }
  }

  @Override
  public long held() {
    return 0;
  }

  @Override
  public boolean isSound() throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      DigestVerifier verifier = digest.verifier();
      ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
      while (channel.read(chunk) >= 0) {
        verifier.update(chunk.flip());
        chunk.clear();
      }
      return verifier.finish().equals(digest);
    } catch (IOException e) {
      throw gone(e);
    }
  }

  @Override
  public byte @Nullable [] readSound() throws IOException {
    try {
      byte[] bytes = Files.readAllBytes(file);
      return digest.matches(bytes) ? bytes : null;
    } catch (IOException e) {
      throw gone(e);
    }
  }

  private BlobGoneException gone(IOException why) throws IOException {
    if (!(why instanceof NoSuchFileException)) {
      unreadable.note(digest, file, why);
    }
    return new BlobGoneException(digest, why);
  }

  @Override
  public Optional<Path> localFile() {
    return Optional.of(file);
  }

  private record OpenFile(FileChannel channel, BlobFile blob, AtomicBoolean released)
      implements BlobSource {
    @Override
    public long available() {
      return blob.size();
    }

    @Override
    public int read(ByteBuffer target, long offset) throws IOException {
      return Channels.readBelow(channel, target, offset, blob.size());
    }

    @Override
    public void release() {
      if (released.compareAndSet(false, true)) {
        Channels.closeQuietly(channel);
        blob.opened().remove(blob.digest());
      }
    }
  }
}
