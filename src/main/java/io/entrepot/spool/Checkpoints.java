package io.entrepot.spool;

import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one spool file. The fill goes on while the disk syncs for one. Used by that
 * fill only, which calls {@link #settle} before it commits, leaves or discards the file: it must
 * hear of a sync that failed, and no mark may be written after its part is gone.
 */
final class Checkpoints {
  /** How many bytes a crash may cost; smaller blobs are not worth a sync while they arrive. */
  static final long EVERY = 64L << 20;

  /** So many bytes of a fill that ends early are worth a file; fewer are fetched again. */
  static final long WORTH_KEEPING = 64L << 10;

  private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

  private final Path mark;
  private final Executor syncs;
  private final AheadSums sums = new AheadSums();
  private long next;
  private @Nullable FutureTask<@Nullable Void> underWay;
  private volatile boolean givenUp;

  /**
   * Makes no checkpoint yet.
   *
   * @param written how many bytes an earlier checkpoint covers
   * @param syncs runs what waits for the disk
   */
  Checkpoints(Path mark, long written, Executor syncs) {
    this.mark = mark;
    this.syncs = syncs;
    this.next = written + EVERY;
  }

  /**
   * Begins a checkpoint of what is written, where one is due and none is under way. Where its mark
   * cannot be written, there are no more checkpoints, and the fill goes on.
   *
   * @param hashed how far the verifier is; what is further ahead has checksums of its own
   * @throws IOException when the disk did not take the bytes of an earlier checkpoint: any of them
   *     may be lost
   */
  void reached(FileChannel channel, Stretches here, long hashed, long size, DigestVerifier verifier)
      throws IOException {
    settleIfDone();
    long written = here.bytes();
    if (underWay != null || givenUp || written < next || written >= size) {
      return;
    }
    next = written + EVERY;
    Checkpoint prefix = new Checkpoint(size, hashed, verifier.soFar(), List.of());
    FutureTask<@Nullable Void> task = new FutureTask<>(() -> note(channel, prefix, here));
    try {
      syncs.execute(task);
      underWay = task;
    } catch (RejectedExecutionException e) {
      return; // the application stops, and the last checkpoint must do
    }
    settleIfDone();
  }

  /**
   * Makes a last checkpoint of what is written, for a fill that ends before its blob.
   *
   * @throws IOException when the disk did not take the bytes
   */
  void last(FileChannel channel, Stretches here, long hashed, long size, DigestVerifier verifier)
      throws IOException {
    settle();
    long written = here.bytes();
    boolean isMore = written > next - EVERY; // than the checkpoint before
    if (isMore && !givenUp && written >= WORTH_KEEPING && written < size) {
      note(channel, new Checkpoint(size, hashed, verifier.soFar(), List.of()), here);
      next = written + EVERY;
    }
  }

  private @Nullable Void note(FileChannel channel, Checkpoint prefix, Stretches here)
      throws IOException {
    channel.force(false);
    List<Checkpoint.Stretch> ahead = sums.of(channel, here, prefix.offset());
    try {
      new Checkpoint(prefix.size(), prefix.offset(), prefix.prefix(), ahead).write(mark);
    } catch (IOException e) {
      log.warn("{} cannot be written: a restart would fetch this blob afresh", mark, e);
      givenUp = true;
    }
    return null;
  }

  private void settleIfDone() throws IOException {
    if (underWay != null && underWay.isDone()) {
      settle();
    }
  }

  /**
   * Waits for the checkpoint that is under way, if there is one.
   *
   * @throws IOException when the disk did not take its bytes
   */
  void settle() throws IOException {
    FutureTask<@Nullable Void> task = underWay;
    underWay = null;
    if (task == null) {
      return;
    }
    try {
      task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ClosedByInterruptException();
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException refusal ? refusal : new IOException(e.getCause());
    }
  }

  boolean exist() {
    return Files.exists(mark);
  }

  /** Deletes the mark. One that is left has no part any more, and the next start sweeps it. */
  void delete() {
    try {
      Files.deleteIfExists(mark);
    } catch (IOException e) {
      log.warn("Could not delete {}; the next start sweeps it", mark, e);
    }
  }
}
