package io.entrepot.spool;

import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of one spool file. Each is written beside the fill, which goes on while the disk
 * syncs. Used by its fill only, which calls {@link #settle} before it commits, leaves or discards
 * the file: a sync that failed must not be forgotten, nor a mark come after its part is gone.
 */
final class Checkpoints {
  /** What a restart may cost to fetch again; small blobs are not worth a sync. */
  static final long EVERY = 64L << 20;

  private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

  private final Path mark;
  private final Executor syncs;
  private long next;
  private @Nullable FutureTask<@Nullable Void> underWay;
  private volatile boolean givenUp;

  /**
   * Begins to note.
   *
   * @param written how many bytes an earlier checkpoint vouches for
   * @param syncs runs what waits for the disk
   */
  Checkpoints(Path mark, long written, Executor syncs) {
    this.mark = mark;
    this.syncs = syncs;
    this.next = written + EVERY;
  }

  /**
   * So much is written: begins to note it where it is time and the last note is done. Where that
   * fails it costs the noting, not the fill.
   *
   * @throws IOException when the disk did not take the bytes of the last note, of which any may be
   *     lost then
   */
  void reached(FileChannel channel, long written, long size, DigestVerifier verifier)
      throws IOException {
    settleIfDone();
    if (underWay != null || givenUp || written < next || written >= size) {
      return;
    }
    next = written + EVERY;
    Checkpoint checkpoint = new Checkpoint(size, written, verifier.soFar());
    FutureTask<@Nullable Void> task = new FutureTask<>(() -> note(channel, checkpoint));
    try {
      syncs.execute(task);
      underWay = task;
    } catch (RejectedExecutionException e) {
      return; // the application stops, and the last note must do
    }
    settleIfDone();
  }

  private @Nullable Void note(FileChannel channel, Checkpoint checkpoint) throws IOException {
    channel.force(false);
    try {
      checkpoint.write(mark);
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
   * Waits for the note that is under way, if there is one.
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

  /** Forgets them: a mark that is left has no part any more, and the next start sweeps it. */
  void delete() {
    try {
      Files.deleteIfExists(mark);
    } catch (IOException e) {
      log.warn("Could not delete {}; the next start sweeps it", mark, e);
    }
  }
}
