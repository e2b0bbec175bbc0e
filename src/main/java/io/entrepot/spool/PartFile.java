package io.entrepot.spool;

import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The file of one fill: its channel, its space on the disk and its checkpoints. Any thread reads
 * and writes, but no two write the same bytes. One thread at a time notes, settles and forces.
 */
final class PartFile {
  private static final Logger log = LoggerFactory.getLogger(PartFile.class);

  private final Path path;
  private final @Nullable FileChannel channel;
  private final Space.@Nullable Promise promise;
  private final @Nullable Checkpoints checkpoints;
  private final Consumer<IOException> onRefusal;
  private final Runnable onClose;

  /**
   * @param channel null where the disk did not even let it begin
   * @param promise its space on the disk; null where it needs none
   * @param checkpoints where the fill notes how far it is; null where it cannot go on later
   * @param onRefusal told why, when the disk does not take more
   * @param onClose run when it is closed
   */
  PartFile(
      Path path,
      @Nullable FileChannel channel,
      Space.@Nullable Promise promise,
      @Nullable Checkpoints checkpoints,
      Consumer<IOException> onRefusal,
      Runnable onClose) {
    this.path = path;
    this.channel = channel;
    this.promise = promise;
    this.checkpoints = checkpoints;
    this.onRefusal = onRefusal;
    this.onClose = onClose;
  }

  Path path() {
    return path;
  }

  /** Whether there is a file at all. */
  boolean isOpen() {
    return channel != null;
  }

  /** Writes all bytes at an offset, in space that is promised first. */
  void write(ByteBuffer bytes, long offset) throws IOException {
    int length = bytes.remaining();
    if (promise != null) {
      promise.cover(offset + length);
    }
    try {
      Channels.writeFully(channel(), bytes, offset);
    } finally {
      if (promise != null) {
        promise.wrote(offset, length - bytes.remaining()); // also before a failure
      }
    }
  }

  /** Hashes the bytes from one offset up to another. */
  void feed(long begin, long end, DigestVerifier verifier) throws IOException {
    Channels.feed(channel(), begin, end, verifier);
  }

  int read(ByteBuffer target, long offset, long watermark) throws IOException {
    return Channels.readBelow(channel(), target, offset, watermark);
  }

  private FileChannel channel() {
    if (channel == null) {
      throw new IllegalStateException("nothing of " + path + " is on disk");
    }
    return channel;
  }

  /**
   * Notes how far the fill is, where that is due.
   *
   * @throws ClosedChannelException when the application stops; the disk is well
   * @throws IOException when the disk did not take what was written earlier
   */
  void note(Stretches here, long hashed, long size, DigestVerifier verifier) throws IOException {
    if (checkpoints != null) {
      checkpoints.reached(channel(), here, hashed, size, verifier);
    }
  }

  /**
   * Notes how far the fill is, because it ends before its blob.
   *
   * @throws IOException when the disk did not take what was written
   */
  void noteLast(Stretches here, long hashed, long size, DigestVerifier verifier)
      throws IOException {
    if (checkpoints != null) {
      try {
        checkpoints.last(channel(), here, hashed, size, verifier);
      } catch (ClosedChannelException e) {
        log.debug("There is no last checkpoint of {}: the application stops", path, e);
      }
    }
  }

  /**
   * Waits until no checkpoint is being written.
   *
   * @throws IOException when the disk did not take what was written earlier
   */
  void settle() throws IOException {
    if (checkpoints != null) {
      try {
        checkpoints.settle();
      } catch (ClosedChannelException e) {
        log.debug("The checkpoint of {} was not awaited: the application stops", path, e);
      }
    }
  }

  boolean hasCheckpoint() {
    return checkpoints != null && checkpoints.exist();
  }

  void deleteCheckpoint() {
    if (checkpoints != null) {
      checkpoints.delete();
    }
  }

  /** Returns when all that was written is on the disk. */
  void force() throws IOException {
    if (channel != null) {
      channel.force(true);
    }
  }

  /** Its blob is stored, and its upstream has it. */
  void keep() {
    if (promise != null) {
      promise.keep();
    }
  }

  /** The disk does not take more. */
  void refuse(IOException why) {
    onRefusal.accept(why);
  }

  void close() {
    if (channel != null) {
      Channels.closeQuietly(channel);
    }
    onClose.run();
  }
}
