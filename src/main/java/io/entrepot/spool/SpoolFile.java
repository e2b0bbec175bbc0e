package io.entrepot.spool;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A blob while it arrives. One fill appends and hashes; any number of readers follow up to the
 * watermark. The watermark stays short of the end until {@link #seal} has verified everything, so
 * that no reader can ever have a complete body that is wrong.
 *
 * <p>When the disk fails, the rest goes through a bounded window in memory: clients are served and
 * nothing is kept (F3, F4).
 *
 * <p>One thread appends, seals, commits or discards. Reading is safe from any thread. The file is
 * closed when the fill and all readers have released it.
 */
public final class SpoolFile {
  /** How many of the last bytes wait for the verification. */
  public static final int HOLD_BACK = 64 << 10;

  /** Stands for a size that the upstream did not give. */
  public static final long UNKNOWN_SIZE = -1;

  /** How long a reader of a blob that cannot be kept may stand still before it is left behind. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(SpoolFile.class);

  private final PartFile part;
  private final @Nullable DigestVerifier verifier;
  private final long size;
  private final AtomicInteger holds = new AtomicInteger(1);
  private final Set<SpoolReader> readers = ConcurrentHashMap.newKeySet();
  private final Set<Runnable> parked = ConcurrentHashMap.newKeySet();

  private long written;
  private volatile long available;
  private volatile boolean sealed;
  private volatile @Nullable Tail tail;
  private volatile @Nullable RuntimeException failure;

  /**
   * @param part closed when the last hold is released
   * @param verifier what the bytes must hash to; null for a part of a blob, which nobody can verify
   *     and nobody may commit
   * @param size how many bytes are to come, or {@link #UNKNOWN_SIZE}
   * @param written how many bytes are there already, and in the verifier
   */
  SpoolFile(PartFile part, @Nullable DigestVerifier verifier, long size, long written) {
    this.part = part;
    this.verifier = verifier;
    this.size = size;
    this.written = written;
    this.tail = part.isOpen() ? null : new Tail(0, PATIENCE);
    this.available = safePrefix();
  }

  /**
   * Appends the remaining bytes of the buffer and raises the watermark.
   *
   * @throws CorruptBlobException when more bytes come than were announced
   * @throws IOException when neither the disk nor any reader takes them
   */
  public void append(ByteBuffer bytes) throws IOException {
    int length = bytes.remaining();
    if (size != UNKNOWN_SIZE && written + length > size) {
      throw new CorruptBlobException("more than the announced " + size + " bytes came");
    }
    if (verifier != null) {
      verifier.update(bytes.duplicate());
    }
    write(bytes);
    written += length;
    available = safePrefix();
    wakeParked();
    noteHowFar();
  }

  /** A sync that has failed is not tried again: the next could say that all is well (F4). */
  private void noteHowFar() throws IOException {
    if (verifier != null && canBeKept()) {
      try {
        part.note(written, size, verifier);
      } catch (ClosedChannelException e) {
        throw e; // the application stops; the disk is well
      } catch (IOException e) {
        giveUpDisk(e);
      }
    }
  }

  private void write(ByteBuffer bytes) throws IOException {
    Tail window = tail;
    if (window == null) {
      int begin = bytes.position();
      try {
        part.write(bytes, written);
        return;
      } catch (ClosedByInterruptException e) {
        throw e; // the application stops; the disk is well
      } catch (IOException e) {
        window = giveUpDisk(e);
        bytes.position(begin);
      }
    }
    window.append(bytes);
  }

  /** The rest goes through memory, from the first byte that has not been appended yet. */
  private Tail giveUpDisk(IOException why) {
    log.error("Writing {} failed: its blob is served but not kept", part.path(), why);
    part.refuse(why);
    Tail window = new Tail(written, PATIENCE);
    tail = window; // first, so that a reader that joins now finds it
    readers.forEach(window::admit);
    return window;
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
    wakeParked();
  }

  /**
   * Tells all readers that nothing more will come.
   *
   * @param why what clients are told
   */
  public void fail(RuntimeException why) {
    failure = why;
    wakeParked();
  }

  void checkNotFailed() throws IOException {
    RuntimeException why = failure;
    if (why != null) {
      throw new IOException(why.getMessage(), why);
    }
  }

  /** Wakes once, as soon as there is more than up to an offset, or nothing more will come. */
  void park(long offset, Runnable wake) {
    parked.add(wake);
    if (available > offset || failure != null) {
      unpark(wake);
    }
  }

  private void wakeParked() {
    parked.forEach(this::unpark);
  }

  /** Runs a wake, unless it has just been run. */
  private void unpark(Runnable wake) {
    if (parked.remove(wake)) {
      wake.run();
    }
  }

  /** The size that was announced, or {@link #UNKNOWN_SIZE}. */
  public long size() {
    return size;
  }

  /** Waits until no checkpoint is being written. Where the disk failed it, the blob is not kept. */
  void settle() {
    try {
      part.settle();
    } catch (IOException e) {
      giveUpDisk(e);
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
    if (verifier != null && canBeKept()) {
      try {
        part.noteLast(written, size, verifier);
      } catch (IOException e) {
        giveUpDisk(e);
      }
    }
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
    return !readers.isEmpty();
  }

  /** How many read it now. */
  public int readers() {
    return readers.size();
  }

  /** Whether its size and digest were verified. */
  public boolean isSealed() {
    return sealed;
  }

  /** The watermark. */
  public long available() {
    return available;
  }

  /** Whether it is all on disk, so that it may be committed. */
  public boolean canBeKept() {
    return tail == null;
  }

  int read(ByteBuffer target, long offset) throws IOException {
    Tail window = tail;
    if (window != null && window.holds(offset)) {
      return window.read(target, offset, available);
    }
    long watermark = window == null ? available : Math.min(available, window.begin());
    return part.read(target, offset, watermark);
  }

  /**
   * Lets one more reader follow.
   *
   * @param first offset of the first byte it wants
   * @return null when the file is closed already, or bytes it needs were not kept
   */
  public @Nullable BlobSource join(long first) {
    if (holds.getAndUpdate(n -> n == 0 ? 0 : n + 1) == 0) {
      return null;
    }
    SpoolReader reader = new SpoolReader(this, first);
    readers.add(reader);
    Tail window = tail;
    if (window != null && !window.admit(reader)) {
      reader.release();
      return null;
    }
    return reader;
  }

  void moved() {
    Tail window = tail;
    if (window != null) {
      window.moved();
    }
  }

  void leave(SpoolReader reader) {
    if (readers.remove(reader)) {
      Tail window = tail;
      if (window != null) {
        window.leave(reader);
      }
      release();
    }
  }

  /** Gives up the fill's own hold. */
  public void release() {
    if (holds.decrementAndGet() == 0) {
      part.close();
    }
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
    if (verifier == null) {
      throw new IllegalStateException("a part of a blob has no digest");
    }
    return verifier.expected();
  }
}
