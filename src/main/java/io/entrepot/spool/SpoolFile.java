package io.entrepot.spool;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * A blob while it arrives, in one or more stretches. The hash follows the first of them. Any number
 * of readers follow, each up to the end of the stretch that it is in. The last bytes wait until
 * {@link #seal} has verified everything, so that no reader can ever have a complete body that is
 * wrong.
 *
 * <p>Any thread writes, but no two write the same bytes. One thread seals, commits or discards.
 * Reading is safe from any thread. The file is closed when the fill and all readers have released
 * it.
 */
public final class SpoolFile {
  /** How many of the last bytes wait for the verification. */
  public static final int HOLD_BACK = 64 << 10;

  /** Stands for a size that the upstream did not give. */
  public static final long UNKNOWN_SIZE = -1;

  /** What begins more than so many bytes after what is there is not worth waiting for. */
  public static final long FAR_AHEAD = 8L << 20;

  /**
   * A range that begins in so many last bytes, far ahead, does not wait for the verification.
   * Clients read a table of contents there, before anything else of the blob.
   */
  static final long FOOTER = 1L << 20;

  private final PartFile part;
  private final @Nullable PrefixHash hash;
  private final long size;
  private final Readers readers;
  private final SpoolBytes bytes;
  private volatile boolean sealed;
  private volatile @Nullable RuntimeException failure;

  /**
   * @param part closed when the last hold is released
   * @param verifier what the bytes must hash to; null for a part of a blob, which nobody can verify
   *     and nobody may commit
   * @param size how many bytes are to come, or {@link #UNKNOWN_SIZE}
   * @param written how many bytes are there already, and in the verifier
   */
  SpoolFile(PartFile part, @Nullable DigestVerifier verifier, long size, long written) {
    this(part, verifier, size, written, Stretches.upTo(written));
  }

  /**
   * As above, for a file that has bytes further ahead.
   *
   * @param hashed how many bytes are in the verifier
   * @param here what is there already, at least those
   */
  SpoolFile(
      PartFile part, @Nullable DigestVerifier verifier, long size, long hashed, Stretches here) {
    this.part = part;
    this.hash = verifier == null ? null : new PrefixHash(part, verifier, size, hashed);
    this.size = size;
    this.readers = new Readers(part::close);
    this.bytes = new SpoolBytes(part, readers, here);
  }

  /** Writes after what is there from the first byte on, as {@link #write}. */
  public void append(ByteBuffer more) throws IOException {
    if (!write(more, here().prefix())) {
      throw new IllegalStateException("two append to " + part.path());
    }
  }

  /**
   * Writes the remaining bytes of the buffer at an offset, and lets readers have them.
   *
   * @return false if the disk has failed and these are not the first missing bytes: then they
   *     cannot be kept for anybody
   * @throws CorruptBlobException when more bytes come than were announced
   * @throws IOException when neither the disk nor any reader takes them
   */
  public boolean write(ByteBuffer more, long offset) throws IOException {
    if (size != UNKNOWN_SIZE && offset + more.remaining() > size) {
      throw new CorruptBlobException("more than the announced " + size + " bytes came");
    }
    if (!bytes.write(more.duplicate(), offset)) {
      return writeUnkept(more, offset);
    }
    readers.wake(this::isDue);
    if (hash != null) {
      hash.follow(more, offset, () -> here().prefix());
    }
    noteHowFar();
    return true;
  }

  private boolean writeUnkept(ByteBuffer more, long offset) throws IOException {
    if (offset != here().prefix()) {
      return false;
    }
    if (hash != null) {
      hash.followUnkept(more.duplicate(), offset);
    }
    bytes.writeUnkept(more, offset);
    readers.wake(this::isDue);
    return true;
  }

  /** A sync that has failed is not tried again: the next could say that all is well (F4). */
  private void noteHowFar() throws IOException {
    if (hash != null && canBeKept()) {
      try {
        hash.note(here());
      } catch (ClosedChannelException e) {
        throw e; // the application stops; the disk is well
      } catch (IOException e) {
        bytes.giveUpDisk(e);
      }
    }
  }

  /**
   * Verifies size and digest, and only then lets readers have the end.
   *
   * @throws CorruptBlobException when either is wrong
   * @throws IOException when the disk fails
   */
  public void seal() throws IOException {
    long end = here().prefix();
    if (size != UNKNOWN_SIZE && end != size) {
      throw new CorruptBlobException(end + " bytes came where " + size + " were announced");
    }
    if (hash != null) {
      Digest actual = hash.finish(end);
      if (!actual.equals(hash.expected())) {
        throw new CorruptBlobException("its bytes hash to " + actual);
      }
    }
    sealed = true;
    readers.wake(this::isDue);
  }

  /**
   * Tells all readers that nothing more will come.
   *
   * @param why what clients are told
   */
  public void fail(RuntimeException why) {
    failure = why;
    readers.wake(this::isDue);
  }

  void checkNotFailed() throws IOException {
    RuntimeException why = failure;
    if (why != null) {
      throw new IOException(why.getMessage(), why);
    }
  }

  /** Wakes once, as soon as the byte at an offset may be read, or nothing more will come. */
  void park(SpoolReader reader, long offset, Runnable wake) {
    readers.park(reader, offset, wake, this::isDue);
  }

  private boolean isDue(SpoolReader reader, long offset) {
    return failure != null || end(reader, offset) > offset;
  }

  /** Up to where a reader may read now, from an offset on. */
  long end(SpoolReader reader, long offset) {
    long end = here().endFrom(offset);
    if (sealed || hash == null || reader.isOfFooter()) {
      return end;
    }
    return size == UNKNOWN_SIZE ? 0 : Math.min(end, size - HOLD_BACK);
  }

  /** The size that was announced, or {@link #UNKNOWN_SIZE}. */
  public long size() {
    return size;
  }

  /** Waits until no checkpoint is being written. Where the disk failed it, the blob is not kept. */
  void settle() {
    try {
      if (hash != null) {
        hash.settle();
      }
    } catch (IOException e) {
      bytes.giveUpDisk(e);
    }
  }

  /** Whether a later fill could go on from what is here. */
  boolean isResumable() {
    settle();
    return canBeKept() && part.hasCheckpoint();
  }

  /** Makes a last checkpoint, because the fill ends before its blob. */
  void noteLast() {
    settle();
    if (hash != null && canBeKept()) {
      try {
        hash.noteLast(here());
      } catch (IOException e) {
        bytes.giveUpDisk(e);
      }
    }
  }

  /** How many bytes are there. */
  public long written() {
    return here().bytes();
  }

  /** What is there. */
  public Stretches here() {
    return bytes.here();
  }

  /** How many bytes are hashed, from the first on. */
  public long hashed() {
    return hash == null ? here().prefix() : hash.hashed();
  }

  /** Whether all announced bytes are here. */
  public boolean isFull() {
    return here().prefix() == size;
  }

  /** Whether anyone but the fill holds it. */
  public boolean hasReaders() {
    return !readers.isEmpty();
  }

  /** How many read it now. */
  public int readers() {
    return readers.count();
  }

  /** Whether its size and digest were verified. */
  public boolean isSealed() {
    return sealed;
  }

  /** How many bytes, from the first on, may be read. */
  public long available() {
    long prefix = here().prefix();
    if (sealed || hash == null) {
      return prefix;
    }
    return size == UNKNOWN_SIZE ? 0 : Math.max(0, Math.min(prefix, size - HOLD_BACK));
  }

  /** Whether it is all on disk, so that it may be committed. */
  public boolean canBeKept() {
    return bytes.canBeKept();
  }

  /**
   * Lets one more reader follow.
   *
   * @param first offset of the first byte it wants
   * @return null when the file is closed already, or bytes it needs were not kept
   */
  public @Nullable BlobSource join(long first) {
    if (!readers.hold()) {
      return null;
    }
    boolean footer =
        size != UNKNOWN_SIZE && first >= size - FOOTER && first > here().prefix() + FAR_AHEAD;
    SpoolReader reader = new SpoolReader(this, bytes, first, footer);
    readers.add(reader);
    if (!bytes.admit(reader)) {
      reader.release();
      return null;
    }
    return reader;
  }

  /** Whether a byte is so far after what is there that its reader would wait long for it. */
  public boolean isFarAhead(long offset) {
    return offset > here().prefix() + FAR_AHEAD && here().endFrom(offset) == offset;
  }

  void leave(SpoolReader reader) {
    if (readers.remove(reader)) {
      bytes.leave(reader);
      release();
    }
  }

  /**
   * Adds one hold for a thread that writes.
   *
   * @return false if it is closed already
   */
  public boolean hold() {
    return readers.hold();
  }

  /** Gives up one hold, of the fill or of {@link #hold}. */
  public void release() {
    readers.release();
  }

  /** Where its file is. */
  public Path path() {
    return part.path();
  }

  /**
   * Makes sure that all of it is in its file.
   *
   * @throws IOException when the disk did not take all of it; the spool has been told why
   */
  public void checkKept() throws IOException {
    settle();
    if (!canBeKept()) {
      throw new IOException("the disk did not take all of " + part.path());
    }
  }

  /** Returns when its file is on the disk. */
  public void force() throws IOException {
    part.force();
  }

  /** Notes that its blob is stored, and that a repository of its upstream has it. */
  public void noteLinked() {
    part.keep();
  }

  /** Forgets how far the fill was: its file has gone into the store. */
  public void deleteCheckpoint() {
    part.deleteCheckpoint();
  }

  /**
   * What its bytes must hash to.
   *
   * @throws IllegalStateException when this is a part of a blob
   */
  public Digest digest() {
    if (hash == null) {
      throw new IllegalStateException("a part of a blob has no digest");
    }
    return hash.expected();
  }
}
