package io.entrepot.spool;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which fills arrive; always local, whatever the store is. A fill is promised its
 * space before the first byte, so that many fills at once cannot count on the same free gigabyte.
 * Thread-safe.
 */
public final class Spool {
  private static final Logger log = LoggerFactory.getLogger(Spool.class);

  private static final String FOLDER = "spool";

  private final DataFolder root;
  private final Path folder;
  private final Leftovers leftovers;
  private final Space space;
  private final boolean resumable;
  private final Executor syncs;
  private final AtomicLong names = new AtomicLong();
  private final PartFiles parts;
  private volatile RoomMaker roomMaker = RoomMaker.NONE;
  private volatile Rooms rooms = Rooms.NONE;

  private Spool(DataFolder root, Limits limits, boolean resumable, Executor syncs)
      throws IOException {
    this.root = root;
    this.folder = root.folder(FOLDER);
    this.space = new Space(Files.getFileStore(folder), limits.reserve(), limits.quota());
    this.leftovers = new Leftovers(folder, space);
    this.parts = new PartFiles(this::makeFolder);
    this.resumable = resumable;
    this.syncs = syncs;
  }

  /**
   * How much space fills may use.
   *
   * @param reserve free bytes of the disk that fills never use
   * @param quota what all files and fills may take together
   */
  public record Limits(long reserve, StorageQuota quota) {}

  /**
   * Opens or creates the spool, and sweeps what a crash left in it, except young fills that can go
   * on.
   *
   * @param root locked, since a sweep would delete the fills of another instance
   * @param resumable whether a fill that was broken may go on from its last checkpoint
   * @param syncs runs what waits for the disk while a fill goes on
   * @throws IOException when the folder cannot be used
   */
  public static Spool open(DataFolder root, Limits limits, boolean resumable, Executor syncs)
      throws IOException {
    Spool spool = new Spool(root, limits, resumable, syncs);
    spool.leftovers.sweepAll(resumable);
    return spool;
  }

  /**
   * Deletes what fills broken a day ago or more have left and nobody has asked for since; what is
   * under way is not touched. To be called now and then.
   */
  public void sweepBroken() throws IOException {
    root.folder(FOLDER); // somebody may have removed it (F28)
    leftovers.sweepOld();
  }

  /** After somebody has removed it (F28). */
  private Path makeFolder() throws IOException {
    var unused = root.takeUpAgain();
    return root.folder(FOLDER);
  }

  /** The space of this spool, and of the store that has its files. */
  public Space space() {
    return space;
  }

  /** Asks from now on for room where there is none. */
  public void makeRoomBy(RoomMaker maker) {
    roomMaker = maker;
  }

  /** Keeps the quotas of upstreams from now on. */
  public void boundBy(Rooms all) {
    rooms = all;
  }

  /**
   * Asks for room for a fill that is about to begin, if there is none. Never waits.
   *
   * @param upstream whose bytes will be kept; null if they will not
   * @param size in bytes, or {@link SpoolFile#UNKNOWN_SIZE}
   * @return completes when the fill should begin. There may be no room even then; then the blob is
   *     served but cannot be kept.
   */
  public CompletableFuture<Void> room(@Nullable String upstream, long size) {
    long wanted = Math.max(0, size);
    CompletableFuture<Void> onDisk = space.ask(wanted, roomMaker);
    Optional<UpstreamSpace> own = Optional.ofNullable(upstream).flatMap(rooms::of);
    return own.map(its -> CompletableFuture.allOf(onDisk, its.ask(wanted, its.roomMaker())))
        .orElse(onDisk);
  }

  /**
   * Goes on with a fill that was broken, from its last checkpoint. The bytes up to there are hashed
   * anew, which takes about a second for each gigabyte.
   *
   * @return empty where there is none, or it is damaged; a damaged one is deleted
   */
  public Optional<SpoolFile> resume(FillKey key) {
    Path part = leftovers.partOf(key);
    if (!resumable || !Files.exists(part) || !leftovers.take(part)) {
      return Optional.empty();
    }
    Optional<SpoolFile> resumed = Optional.empty();
    try {
      resumed = goOn(key, part);
    } catch (IOException e) {
      log.warn("The unfinished fill {} cannot be used: it begins afresh", part, e);
    } finally {
      if (resumed.isEmpty()) {
        leftovers.delete(part);
        leftovers.giveBack(part);
      }
    }
    return resumed;
  }

  private Optional<SpoolFile> goOn(FillKey key, Path part) throws IOException {
    Path mark = Leftovers.markOf(part);
    Optional<Checkpoint> found = Checkpoint.read(mark);
    if (found.isEmpty()) {
      return Optional.empty();
    }
    long offset = found.get().offset();
    long size = found.get().size();
    FileChannel channel = FileChannel.open(part, StandardOpenOption.READ, StandardOpenOption.WRITE);
    boolean taken = false;
    try {
      DigestVerifier verifier = key.digest().verifier();
      Channels.feed(channel, 0, offset, verifier);
      if (!verifier.soFar().equals(found.get().prefix())) {
        return Optional.empty();
      }
      Stretches here = sound(channel, found.get());
      space.freed(channel.size() - here.end());
      channel.truncate(here.end());
      Space.Promise promise = space.promise(here.bytes(), here.end(), size, rooms.claim(key, size));
      space.freed(here.end() - here.bytes()); // what is missing is promised from now on
      taken = true;
      PartFile file =
          parts.adopt(
              part,
              channel,
              promise,
              new Checkpoints(mark, here.bytes(), syncs),
              () -> leftovers.giveBack(part));
      return Optional.of(new SpoolFile(file, verifier, size, offset, here));
    } finally {
      if (!taken) {
        channel.close();
      }
    }
  }

  /** What of a checkpoint the file still has. Its prefix is known to be sound. */
  private static Stretches sound(FileChannel channel, Checkpoint checkpoint) throws IOException {
    Stretches here = Stretches.upTo(checkpoint.offset());
    for (Checkpoint.Stretch stretch : checkpoint.ahead()) {
      if (AheadSums.isSound(channel, stretch)) {
        here = here.with(stretch.begin(), stretch.end());
      }
    }
    return here;
  }

  /**
   * Begins a blob. Where the disk has no room or cannot be written, the blob is served but cannot
   * be kept, see {@link #trouble}.
   *
   * @param size in bytes, or {@link SpoolFile#UNKNOWN_SIZE}
   */
  public SpoolFile begin(FillKey key, long size) {
    Digest digest = key.digest();
    Path part = leftovers.partOf(key);
    boolean first = resumable && size != SpoolFile.UNKNOWN_SIZE && leftovers.take(part);
    if (!first) {
      return begin(digest, key, size);
    }
    leftovers.delete(part);
    Checkpoints checkpoints = new Checkpoints(Leftovers.markOf(part), 0, syncs);
    PartFile file =
        parts.create(part, () -> promise(key, size), checkpoints, () -> leftovers.giveBack(part));
    return new SpoolFile(file, digest.verifier(), size, 0);
  }

  /** As {@link #begin(FillKey, long)}, for bytes of no fill. */
  public SpoolFile begin(Digest digest, long size) {
    return begin(digest, null, size);
  }

  private SpoolFile begin(Digest digest, @Nullable FillKey key, long size) {
    PartFile file = parts.create(newPath("", digest), () -> promise(key, size), null, () -> {});
    return new SpoolFile(file, digest.verifier(), size, 0);
  }

  /** Begins a part of a blob that is delivered and then discarded. */
  public SpoolFile beginPart(Digest digest, long length) {
    PartFile file =
        parts.create(newPath("part-", digest), () -> promise(null, length), null, () -> {});
    return new SpoolFile(file, null, length, 0);
  }

  private Space.Promise promise(@Nullable FillKey key, long size) throws IOException {
    long known = Math.max(0, size);
    return space.promise(0, 0, known, key == null ? null : rooms.claim(key, known));
  }

  /** A name that nothing has; the next start sweeps it if it is left. */
  private Path newPath(String prefix, Digest digest) {
    return folder.resolve(prefix + digest.hex().substring(0, 16) + "." + names.incrementAndGet());
  }

  /**
   * Takes in a file of another folder as a sealed fill: by a hard link where only we can write the
   * file, else by a copy (S38). The file itself is not changed. Reads it all to verify it.
   *
   * @throws CorruptBlobException when there is no such file, or it is not that blob
   * @throws IOException when a disk fails
   */
  public SpoolFile takeIn(Digest digest, Path source) throws IOException {
    if (!Files.isRegularFile(source, NOFOLLOW_LINKS)) {
      throw new CorruptBlobException("there is no file of its bytes");
    }
    Path path = newPath("in-", digest);
    long size = Files.size(source);
    space.admit(size);
    boolean taken = false;
    try {
      if (!OwnFile.link(path, source)) {
        try (InputStream in = Files.newInputStream(source, NOFOLLOW_LINKS)) {
          Files.copy(in, path);
        }
      }
      SpoolFile file = whole(digest, path);
      taken = true;
      return file;
    } finally {
      if (!taken) {
        Files.deleteIfExists(path);
        space.freed(size);
      }
    }
  }

  private SpoolFile whole(Digest digest, Path path) throws IOException {
    FileChannel channel = FileChannel.open(path, StandardOpenOption.READ);
    PartFile file = parts.adopt(path, channel);
    boolean read = false;
    try {
      long size = channel.size();
      DigestVerifier verifier = digest.verifier();
      Channels.feed(channel, 0, size, verifier);
      SpoolFile whole = new SpoolFile(file, verifier, size, size);
      whole.seal();
      read = true;
      return whole;
    } finally {
      if (!read) {
        file.close();
      }
    }
  }

  /** Notes that the disk did not take a blob. */
  public void refused(IOException why) {
    parts.refused(why);
  }

  /** Notes that the disk has taken a blob, and so is well. */
  public void taken() {
    parts.taken();
  }

  /** Why the disk did not take a blob (F3, F4); empty once it has taken another. */
  public Optional<String> trouble() {
    return Optional.ofNullable(parts.trouble());
  }

  /** Deletes the file of a fill that failed; readers who hold it keep what they can see. */
  public void discard(SpoolFile file) {
    file.settle();
    leftovers.delete(file.path());
  }

  /** As {@link #leave}, for a fill that ends early although all is well: none of it is lost. */
  public void leaveOff(SpoolFile file) {
    file.noteLast();
    leave(file);
  }

  /** Leaves the file of a broken fill for a later one to go on with, or deletes it. */
  public void leave(SpoolFile file) {
    if (!file.isResumable()) {
      discard(file);
    }
  }
}
