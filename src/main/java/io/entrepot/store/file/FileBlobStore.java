package io.entrepot.store.file;

import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import io.entrepot.spool.Channels;
import io.entrepot.spool.DataFolder;
import io.entrepot.spool.Space;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.BlobStore;
import io.entrepot.store.ReadPace;
import io.entrepot.store.StoredBlob;
import io.entrepot.threads.OnceAMinute;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blob store in a folder:
 *
 * <pre>
 * root/blobs/sha256/6c/6c3c…    a verified blob, named by its hex, in a folder of its first byte
 * root/blobs/sha512/…
 * root/quarantine/              the last few damaged blobs
 * </pre>
 *
 * A file gets its name in {@code blobs/} only by the rename of {@link #commit}, after its bytes
 * were verified and synced. Whatever stands there is whole.
 */
public final class FileBlobStore implements BlobStore {
  private static final Logger log = LoggerFactory.getLogger(FileBlobStore.class);

  /** Many enough that two digests seldom share one, few enough to cost nothing. */
  private static final int LOCK_STRIPES = 64;

  private static final int CHUNK = 256 << 10;

  private final BlobFolders folders;
  private final FolderBytes bytes;
  private final Quarantine quarantine;
  private final Spool spool;
  private final Space space;
  private final OpenBlobs open = new OpenBlobs();
  private final SmallBodies small;
  private final UnreadableBlobs unreadable = new UnreadableBlobs();
  private final OnceAMinute due = new OnceAMinute();
  private final Lock[] locks = new Lock[LOCK_STRIPES];

  /**
   * Opens or creates a store.
   *
   * @param root locked; stays the caller's to close
   * @param spool in the same folder, since a commit is a rename
   * @param memory holds small blobs
   * @throws IOException when the folder cannot be used
   */
  public FileBlobStore(DataFolder root, Spool spool, MemoryBudget memory) throws IOException {
    this.folders = new BlobFolders(root.folder("blobs"));
    this.space = spool.space();
    this.bytes = new FolderBytes(space);
    this.quarantine = new Quarantine(root.path("quarantine"), space);
    this.small = new SmallBodies(folders::file, unreadable, memory);
    this.spool = spool;
    for (int i = 0; i < LOCK_STRIPES; i++) {
      locks[i] = new ReentrantLock();
    }
    if (space.quota().isSet()) {
      bytes.readAll(folders.all());
      space.taken(BlobFolders.bytesIn(root.path("quarantine")));
    }
  }

  /** One look at the file system. */
  @Override
  public Optional<StoredBlob> find(Digest digest) throws IOException {
    if (unreadable.contains(digest)) {
      return Optional.empty();
    }
    Path file = folders.file(digest);
    try {
      return Optional.of(
          new BlobFile(digest, UnreadableBlobs.sizeOf(file), file, unreadable, open));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      unreadable.note(digest, file, e);
      return Optional.empty();
    }
  }

  /**
   * A small blob comes from the heap where it is held there; else its file is read and verified. A
   * larger one costs one look at the file system.
   */
  @Override
  public Optional<StoredBlob> find(Digest digest, long size) throws IOException {
    Optional<StoredBlob> found =
        size <= SmallBodies.MAX_BODY ? Optional.ofNullable(small.get(digest)) : find(digest);
    return found.filter(blob -> blob.size() == size);
  }

  /** Syncs the file, renames it into the store, and syncs the folder. */
  @Override
  public StoredBlob commit(SpoolFile file) throws IOException {
    if (!file.isSealed()) {
      throw new IllegalStateException("only a sealed spool file may be committed");
    }
    file.checkKept();
    try {
      file.force();
      name(file.path(), file.digest());
    } catch (IOException e) {
      spool.refused(e);
      throw e;
    }
    file.deleteCheckpoint();
    spool.taken();
    Path named = folders.file(file.digest());
    return new BlobFile(file.digest(), file.written(), named, unreadable, open);
  }

  /** Gives a file, whose bytes are verified and on the disk, the name of its digest. */
  private void name(Path file, Digest digest) throws IOException {
    Path folder = folders.folder(digest);
    Lock lock = lockOf(digest);
    lock.lock();
    try {
      bytes.forgetIfRemoved(folder);
      folders.create(folder);
      replace(file, digest);
      small.forget(digest);
      unreadable.forget(digest);
    } finally {
      lock.unlock();
    }
    Channels.syncFolder(folder);
  }

  /** A folder that has the blob's name is moved out of the way: no file can replace it. */
  private void replace(Path file, Digest digest) throws IOException {
    Path target = folders.file(digest);
    if (Files.isDirectory(target, LinkOption.NOFOLLOW_LINKS)) {
      quarantine.take(digest, target);
    }
    long before = space.move(file, target, StandardCopyOption.ATOMIC_MOVE);
    bytes.add(folders.folder(digest), Files.size(target) - before);
  }

  @Override
  public StoredBlob put(Digest digest, byte[] bytes) throws IOException {
    SpoolFile file = spool.begin(digest, bytes.length);
    try {
      file.append(ByteBuffer.wrap(bytes));
      file.seal();
      return commit(file);
    } catch (IOException e) {
      spool.discard(file);
      throw e;
    } finally {
      file.release();
    }
  }

  /** A damaged blob goes to {@code quarantine/}, which keeps the last few for people to look at. */
  @Override
  public boolean verify(Digest digest, ReadPace pace) throws IOException, InterruptedException {
    Path file = folders.file(digest);
    Object identity;
    FileChannel opened;
    try {
      identity = identity(file);
      if (!Files.isRegularFile(file)) {
        takeOut(digest, identity);
        return false;
      }
      opened = FileChannel.open(file, StandardOpenOption.READ);
    } catch (NoSuchFileException e) {
      throw new BlobGoneException(digest, e);
    } catch (IOException e) {
      unreadable.note(digest, file, e);
      throw new BlobGoneException(digest, e);
    }
    // Open until it has been taken out: no other file can have its identity so long.
    try (FileChannel channel = opened) {
      if (hashesTo(digest, channel, pace)) {
        return true;
      }
      takeOut(digest, identity);
    }
    return false;
  }

  /**
   * Whether a whole file hashes to a digest.
   *
   * @param pace is told of each piece
   * @return false also where the disk cannot read it
   * @throws InterruptedException when the pace is interrupted
   */
  private static boolean hashesTo(Digest digest, FileChannel channel, ReadPace pace)
      throws InterruptedException {
    DigestVerifier verifier = digest.verifier();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK);
    try {
      int n;
      while ((n = channel.read(chunk)) >= 0) {
        verifier.update(chunk.flip());
        chunk.clear();
        pace.afterReading(n);
      }
    } catch (ClosedByInterruptException e) {
      throw new InterruptedException("while reading " + digest);
    } catch (IOException e) {
      log.error("The disk cannot read {}", digest, e);
      return false;
    }
    return verifier.finish().equals(digest);
  }

  /**
   * Does nothing where another file has the name by now: somebody has just replaced it. A blob that
   * cannot be moved stays: nobody gets it, since it is not noted as sound.
   */
  private void takeOut(Digest digest, @Nullable Object identity) {
    Path file = folders.file(digest);
    Lock lock = lockOf(digest);
    lock.lock();
    try {
      if (Objects.equals(identity(file), identity)) {
        long size = Space.sizeOf(file);
        quarantine.take(digest, file);
        bytes.add(folders.folder(digest), -size);
        small.forget(digest);
        quarantine.trim();
      }
    } catch (NoSuchFileException e) {
      // Somebody has just removed it.
    } catch (IOException e) {
      if (due.isDue("quarantine")) {
        log.error("The damaged blob {} cannot be moved to quarantine", digest, e);
      }
    } finally {
      lock.unlock();
    }
  }

  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  @Override
  public void whileKept(Digest digest, Runnable action) {
    Lock lock = lockOf(digest);
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean removeUnless(Digest digest, BooleanSupplier needed) throws IOException {
    Lock lock = lockOf(digest);
    lock.lock();
    try {
      if (needed.getAsBoolean()) {
        return false;
      }
      bytes.add(folders.folder(digest), -space.delete(folders.file(digest)));
      small.forget(digest);
      unreadable.forget(digest);
      return true;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean isRead(Digest digest) {
    return open.contains(digest);
  }

  @Override
  public void forgetRemoved() {
    for (Path folder : bytes.folders()) {
      Lock lock = lockOf(folder);
      lock.lock();
      try {
        bytes.forgetIfRemoved(folder);
      } finally {
        lock.unlock();
      }
    }
  }

  private Lock lockOf(Digest digest) {
    return lockOf(folders.folder(digest));
  }

  /** One for all digests of a folder. */
  private Lock lockOf(Path folder) {
    return locks[Math.floorMod(folder.hashCode(), LOCK_STRIPES)];
  }

  /** A batch is one folder. */
  @Override
  public List<Digest> digestsAfter(@Nullable Digest last) throws IOException {
    return folders.after(last);
  }

  @Override
  public Optional<String> trouble() {
    return unreadable.trouble();
  }
}
