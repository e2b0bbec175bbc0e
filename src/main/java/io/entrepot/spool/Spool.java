package io.entrepot.spool;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
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

  private static final String PART = ".part";
  private static final String MARK = ".mark";

  /** A client tries again within minutes; what nobody asked for in a day only takes space. */
  private static final Duration MAX_AGE = Duration.ofDays(1);

  private final Path folder;
  private final Space space;
  private final boolean resumable;
  private final Executor syncs;
  private final Set<Digest> inUse = ConcurrentHashMap.newKeySet();
  private final AtomicLong names = new AtomicLong();
  private volatile @Nullable String trouble;

  private Spool(Path folder, long reserve, boolean resumable, Executor syncs) throws IOException {
    this.folder = folder;
    this.space = new Space(Files.getFileStore(folder), reserve);
    this.resumable = resumable;
    this.syncs = syncs;
  }

  /**
   * Opens or creates the spool and sweeps what a crash left in it.
   *
   * @param root locked, since a sweep would delete the fills of another instance
   * @param reserve free bytes that fills never use
   * @param resumable whether a fill that was broken may go on from its last checkpoint
   * @param syncs runs what waits for the disk while a fill goes on
   * @throws IOException when the folder cannot be used
   */
  public static Spool open(DataFolder root, long reserve, boolean resumable, Executor syncs)
      throws IOException {
    Spool spool = new Spool(root.folder("spool"), reserve, resumable, syncs);
    spool.sweep();
    return spool;
  }

  /** Deletes what a crash left behind (F7), but for young fills that can go on. */
  private void sweep() throws IOException {
    int swept = 0;
    try (DirectoryStream<Path> leftovers = Files.newDirectoryStream(folder)) {
      for (Path leftover : leftovers) {
        if (!isWorthKeeping(leftover)) {
          Files.deleteIfExists(leftover);
          swept++;
        }
      }
    }
    if (swept > 0) {
      log.info("Swept {} files of unfinished fills from {}", swept, folder);
    }
  }

  private boolean isWorthKeeping(Path leftover) throws IOException {
    String stem = stem(leftover);
    Path part = folder.resolve(stem);
    return resumable
        && stem.endsWith(PART)
        && Files.exists(part)
        && Checkpoint.read(folder.resolve(stem + MARK)).isPresent()
        && isYoung(part);
  }

  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(MARK) ? name.substring(0, name.length() - MARK.length()) : name;
  }

  private static boolean isYoung(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isAfter(Instant.now().minus(MAX_AGE));
  }

  /**
   * Deletes what broken fills left a day ago and nobody has asked for since; what is under way is
   * not touched. To be called now and then while fills go on.
   */
  public void sweepBroken() throws IOException {
    try (DirectoryStream<Path> parts = Files.newDirectoryStream(folder, "*" + PART + "*")) {
      for (Path part : parts) {
        sweepBroken(part);
      }
    }
  }

  private void sweepBroken(Path file) throws IOException {
    Path part = folder.resolve(stem(file));
    Optional<Digest> digest = digestOf(part);
    if (digest.isEmpty() || !inUse.add(digest.get())) {
      return;
    }
    try {
      if (!isYoung(file)) {
        delete(part);
        delete(markOf(part));
        log.info("Swept {}, which nobody went on with", part);
      }
    } catch (NoSuchFileException e) {
      // Its part was seen before its mark: both are gone.
    } finally {
      inUse.remove(digest.get());
    }
  }

  /** The digest of a fill that can be taken up, from the name of its file. */
  private static Optional<Digest> digestOf(Path part) {
    String name = String.valueOf(part.getFileName());
    if (!name.endsWith(PART)) {
      return Optional.empty();
    }
    String[] words = name.substring(0, name.length() - PART.length()).split("-", 2);
    try {
      return Optional.of(Digest.parse(String.join(":", words)));
    } catch (OciException e) {
      return Optional.empty();
    }
  }

  /**
   * Takes up a fill that was broken, at its last checkpoint. The bytes up to there are hashed anew,
   * so this takes a second for each gigabyte or so.
   *
   * @return empty where there is none, or it is damaged, and then gone
   */
  public Optional<SpoolFile> resume(Digest digest) {
    Path part = partOf(digest);
    if (!resumable || !Files.exists(part) || !inUse.add(digest)) {
      return Optional.empty();
    }
    Optional<SpoolFile> resumed = Optional.empty();
    try {
      resumed = take(digest, part);
    } catch (IOException e) {
      log.warn("The unfinished fill {} cannot be taken up: it begins afresh", part, e);
    } finally {
      if (resumed.isEmpty()) {
        delete(part);
        delete(markOf(part));
        inUse.remove(digest);
      }
    }
    return resumed;
  }

  private Optional<SpoolFile> take(Digest digest, Path part) throws IOException {
    Optional<Checkpoint> found = Checkpoint.read(markOf(part));
    if (found.isEmpty()) {
      return Optional.empty();
    }
    Checkpoint checkpoint = found.get();
    FileChannel channel = FileChannel.open(part, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      DigestVerifier verifier = digest.verifier();
      Channels.feed(channel, checkpoint.offset(), verifier);
      if (!verifier.soFar().equals(checkpoint.prefix())) {
        return Optional.empty();
      }
      channel.truncate(checkpoint.offset());
      Space.Promise promise = space.promise(checkpoint.offset(), checkpoint.size());
      taken = true;
      return Optional.of(
          new SpoolFile(
              part,
              channel,
              verifier,
              checkpoint.size(),
              checkpoint.offset(),
              promise,
              new Checkpoints(markOf(part), checkpoint.offset(), syncs),
              this::refused,
              () -> {
                promise.release();
                inUse.remove(digest);
              }));
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  /**
   * Begins a blob. Where the disk has no room or cannot be written, the blob is served but cannot
   * be kept, see {@link #trouble}.
   *
   * @param size in bytes, or {@link SpoolFile#UNKNOWN_SIZE}
   */
  public SpoolFile begin(Digest digest, long size) {
    boolean first = resumable && size != SpoolFile.UNKNOWN_SIZE && inUse.add(digest);
    if (!first) {
      return create(
          newPath(digest.hex().substring(0, 16)), digest.verifier(), size, null, () -> {});
    }
    Path part = partOf(digest);
    delete(part);
    delete(markOf(part));
    Checkpoints checkpoints = new Checkpoints(markOf(part), 0, syncs);
    return create(part, digest.verifier(), size, checkpoints, () -> inUse.remove(digest));
  }

  /** Begins a part of a blob that is delivered and then discarded. */
  public SpoolFile beginPart(Digest digest, long length) {
    return create(newPath("part-" + digest.hex().substring(0, 16)), null, length, null, () -> {});
  }

  /**
   * Takes in a file of another folder as a sealed fill: by a hard link where the file system allows
   * it, else by a copy. The file itself is not changed. Reads it all to verify it.
   *
   * @throws CorruptBlobException when there is no such file, or it is not that blob
   * @throws IOException when a disk fails
   */
  public SpoolFile takeIn(Digest digest, Path source) throws IOException {
    if (!Files.isRegularFile(source)) {
      throw new CorruptBlobException("there is no file of its bytes");
    }
    Path path = newPath("in-" + digest.hex().substring(0, 16));
    try {
      Files.createLink(path, source);
    } catch (IOException | UnsupportedOperationException e) {
      Files.copy(source, path);
    }
    try {
      return sealed(digest, path);
    } catch (IOException e) {
      delete(path);
      throw e;
    }
  }

  private SpoolFile sealed(Digest digest, Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    try {
      long size = channel.size();
      DigestVerifier verifier = digest.verifier();
      Channels.feed(channel, size, verifier);
      SpoolFile file =
          new SpoolFile(path, channel, verifier, size, size, null, null, this::refused, () -> {});
      file.seal();
      return file;
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  private SpoolFile create(
      Path path,
      @Nullable DigestVerifier verifier,
      long size,
      @Nullable Checkpoints checkpoints,
      Runnable onClose) {
    Space.Promise promise;
    try {
      promise = space.promise(0, Math.max(0, size));
    } catch (IOException e) {
      return withoutDisk(path, verifier, size, onClose, e);
    }
    try {
      FileChannel channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      Runnable both =
          () -> {
            promise.release();
            onClose.run();
          };
      return new SpoolFile(
          path, channel, verifier, size, 0, promise, checkpoints, this::refused, both);
    } catch (IOException e) {
      promise.release();
      return withoutDisk(path, verifier, size, onClose, e);
    }
  }

  private Path partOf(Digest digest) {
    return folder.resolve(digest.algorithm().label() + "-" + digest.hex() + PART);
  }

  private static Path markOf(Path part) {
    return part.resolveSibling(part.getFileName() + MARK);
  }

  private Path newPath(String stem) {
    return folder.resolve(stem + "." + names.incrementAndGet());
  }

  private SpoolFile withoutDisk(
      Path path, @Nullable DigestVerifier verifier, long size, Runnable onClose, IOException why) {
    log.error("A blob is served but cannot be kept: {}", why.getMessage());
    refused(why);
    return new SpoolFile(path, null, verifier, size, 0, null, null, this::refused, onClose);
  }

  /** The disk did not take a blob. */
  public void refused(IOException why) {
    trouble = String.valueOf(why.getMessage());
  }

  /** The disk has taken a blob, to the last of what a commit asks of it. */
  public void taken() {
    trouble = null;
  }

  /** Why the disk did not take a blob (F3, F4); empty once it has taken another. */
  public Optional<String> trouble() {
    return Optional.ofNullable(trouble);
  }

  /** Deletes the file of a fill that failed; readers who hold it keep what they can see. */
  public void discard(SpoolFile file) {
    file.settle();
    delete(file.path());
    delete(markOf(file.path()));
  }

  /** Leaves the file of a fill that broke off for a later one to go on with, where that can be. */
  public void leave(SpoolFile file) {
    if (!file.isResumable()) {
      discard(file);
    }
  }

  private static void delete(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn("Could not delete {}; the next start sweeps it", path, e);
    }
  }
}
