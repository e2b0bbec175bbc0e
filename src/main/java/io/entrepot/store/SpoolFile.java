package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A blob while it arrives: the tee buffer. One fill appends and hashes; any number of readers
 * follow up to the watermark, which stays short of the end until {@link #seal} has verified
 * everything, so that no reader can ever have a complete body that is wrong.
 *
 * <p>One thread appends, seals, commits or discards. Reading is safe from any thread. The file is
 * closed when the fill and all readers have let go.
 */
public final class SpoolFile implements BlobSource {
  /** How many of the last bytes wait for the verification. */
  public static final int HOLD_BACK = 64 << 10;

  /** Stands for a size that the upstream did not give. */
  public static final long UNKNOWN_SIZE = -1;

  private final Path path;
  private final FileChannel channel;
  private final @Nullable DigestVerifier verifier;
  private final long size;
  private final Runnable onClose;
  private final AtomicInteger holds = new AtomicInteger(1);

  private long written;
  private volatile long available;
  private volatile boolean sealed;

  /**
   * @param verifier what the bytes must hash to; null for a part of a blob, which nobody can verify
   *     and nobody may commit
   * @param size how many bytes are to come, or {@link #UNKNOWN_SIZE}
   * @param onClose run once, when the last hold is released
   */
  SpoolFile(
      Path path,
      FileChannel channel,
      @Nullable DigestVerifier verifier,
      long size,
      Runnable onClose) {
    this.path = path;
    this.channel = channel;
    this.verifier = verifier;
    this.size = size;
    this.onClose = onClose;
  }

  /**
   * Appends the remaining bytes of the buffer and raises the watermark.
   *
   * @throws CorruptBlobException when more bytes come than were announced
   * @throws IOException when the disk does not take them
   */
  public void append(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (size != UNKNOWN_SIZE && written + length > size) {
      throw new CorruptBlobException("more than the announced " + size + " bytes came");
    }
    if (verifier != null) {
      verifier.update(bytes.duplicate());
    }
    Channels.writeFully(channel, bytes, written);
    written += length;
    available = safePrefix();
  }

  private long safePrefix() {
    if (verifier == null) {
      return written;
    }
    return size == UNKNOWN_SIZE ? 0 : Math.max(0, Math.min(written, size - HOLD_BACK));
  }

  /**
   * Verifies size and digest, and only then lets readers have the end.
   *
   * @throws CorruptBlobException when either is wrong
   */
  public void seal() throws CorruptBlobException {
    if (size != UNKNOWN_SIZE && written != size) {
      throw new CorruptBlobException(written + " bytes came where " + size + " were announced");
    }
    if (verifier != null) {
      Digest actual = verifier.finish();
      if (!actual.equals(verifier.expected())) {
        throw new CorruptBlobException("its bytes hash to " + actual);
      }
    }
    sealed = true;
    available = written;
  }

  /** How many bytes have been appended: where a broken fill resumes. */
  public long written() {
    return written;
  }

  /** How many more bytes fit below the announced size. */
  public long room() {
    return size == UNKNOWN_SIZE ? Long.MAX_VALUE : size - written;
  }

  /** Whether all announced bytes are here. */
  public boolean isFull() {
    return room() == 0;
  }

  /** Whether anyone but the fill holds it. */
  public boolean hasReaders() {
    return holds.get() > 1;
  }

  public boolean isSealed() {
    return sealed;
  }

  @Override
  public long available() {
    return available;
  }

  @Override
  public int read(ByteBuffer target, long offset) throws IOException {
    return Channels.readBelow(channel, target, offset, available);
  }

  /**
   * Takes a hold for one more reader.
   *
   * @return false when the last hold is already gone and the file closed
   */
  public boolean retain() {
    return holds.getAndUpdate(n -> n == 0 ? 0 : n + 1) > 0;
  }

  @Override
  public void release() {
    if (holds.decrementAndGet() == 0) {
      Channels.closeQuietly(channel);
      onClose.run();
    }
  }

  Path path() {
    return path;
  }

  void force() throws IOException {
    channel.force(true);
  }

  Digest digest() {
    if (verifier == null) {
      throw new IllegalStateException("a part of a blob has no digest");
    }
    return verifier.expected();
  }
}
