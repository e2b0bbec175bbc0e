package io.entrepot.store;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which fills arrive. It grants a fill its space before the first byte, so that many
 * fills at once cannot promise the same free gigabyte twice. Thread-safe.
 */
public final class Spool {
  private static final Logger log = LoggerFactory.getLogger(Spool.class);

  private final Path folder;
  private final FileStore disk;
  private final long reserve;
  private final AtomicLong names = new AtomicLong();
  private final AtomicLong promised = new AtomicLong();
  private volatile @Nullable String trouble;

  /**
   * @param folder on the same file system as the blobs, since a commit is a rename
   * @param reserve free bytes that fills never use
   */
  Spool(Path folder, long reserve) throws IOException {
    this.folder = folder;
    this.disk = Files.getFileStore(folder);
    this.reserve = reserve;
  }

  /** Deletes what a crash left behind (F7). */
  void sweep() throws IOException {
    int swept = 0;
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder)) {
      for (Path leftover : leftovers) {
        Files.delete(leftover);
        swept++;
      }
    }
    if (swept > 0) {
      log.info("Swept {} unfinished fills of an earlier run from {}", swept, folder);
    }
  }

  /**
   * Begins a blob. Where the disk has no room or cannot be written, the blob is served but cannot
   * be kept, see {@link #trouble}.
   *
   * @param size in bytes, or {@link SpoolFile#UNKNOWN_SIZE}
   */
  public SpoolFile begin(Digest digest, long size) {
    return create(digest.hex().substring(0, 16), digest.verifier(), size);
  }

  /** Begins a part of a blob that is delivered and then discarded. */
  public SpoolFile beginPart(Digest digest, long length) {
    return create("part-" + digest.hex().substring(0, 16), null, length);
  }

  private SpoolFile create(String stem, @Nullable DigestVerifier verifier, long size) {
    Path path = newPath(stem);
    long wanted = Math.max(0, size);
    try {
      promise(wanted);
    } catch (IOException e) {
      return withoutDisk(path, verifier, size, e);
    }
    Runnable keepPromise = () -> promised.addAndGet(-wanted);
    try {
      FileChannel channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      return new SpoolFile(path, channel, verifier, size, this::refused, keepPromise);
    } catch (IOException e) {
      keepPromise.run();
      return withoutDisk(path, verifier, size, e);
    }
  }

  private Path newPath(String stem) {
    return folder.resolve(stem + "." + names.incrementAndGet());
  }

  /** A name that nothing has, swept at the next start if it is left. */
  Path newPath(Digest digest) {
    return newPath("in-" + digest.hex().substring(0, 16));
  }

  private SpoolFile withoutDisk(
      Path path, @Nullable DigestVerifier verifier, long size, IOException why) {
    log.error("A blob is served but cannot be kept: {}", why.getMessage());
    refused(why);
    return new SpoolFile(path, null, verifier, size, this::refused, () -> {});
  }

  /** The disk did not take a blob. */
  void refused(IOException why) {
    trouble = String.valueOf(why.getMessage());
  }

  /** The disk has taken a blob, to the last of what a commit asks of it. */
  void taken() {
    trouble = null;
  }

  /** Why the disk did not take a blob (F3, F4); empty once it has taken another. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  private void promise(long wanted) throws IOException {
    long already = promised.getAndAdd(wanted);
    long usable = disk.getUsableSpace();
    if (usable - reserve - already < wanted) {
      promised.addAndGet(-wanted);
      throw new IOException(
          "no room for a fill of "
              + wanted
              + " bytes: "
              + usable
              + " are free, of which "
              + reserve
              + " are reserved and "
              + already
              + " promised to other fills");
    }
  }

  /** Deletes the file of a fill that failed; readers who hold it keep what they can see. */
  public void discard(SpoolFile file) {
    try {
      Files.deleteIfExists(file.path());
    } catch (IOException e) {
      log.warn("Could not delete {}; the next start sweeps it", file.path(), e);
    }
  }
}
