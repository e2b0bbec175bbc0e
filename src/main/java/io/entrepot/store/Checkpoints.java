package io.entrepot.store;

import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The checkpoints of one spool file. Used by its fill only. */
final class Checkpoints {
  /** What a restart may cost to fetch again; small blobs are not worth a sync. */
  static final long EVERY = 64L << 20;

  private static final Logger log = LoggerFactory.getLogger(Checkpoints.class);

  private final Path mark;
  private long next;

  /**
   * Begins to note.
   *
   * @param written how many bytes an earlier checkpoint vouches for
   */
  Checkpoints(Path mark, long written) {
    this.mark = mark;
    this.next = written + EVERY;
  }

  /**
   * So much is written: notes it where it is time. Where that fails it costs the noting, not the
   * fill.
   *
   * @throws IOException when the disk did not take the bytes, of which any may be lost then
   */
  void reached(FileChannel channel, long written, long size, DigestVerifier verifier)
      throws IOException {
    if (written < next || written >= size) {
      return;
    }
    channel.force(false);
    try {
      new Checkpoint(size, written, verifier.soFar()).write(mark);
      next = written + EVERY;
    } catch (IOException e) {
      log.warn("{} cannot be written: a restart would fetch this blob afresh", mark, e);
      next = Long.MAX_VALUE;
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
