package io.entrepot.store.file;

import io.entrepot.oci.Digest;
import io.entrepot.spool.Channels;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.ReadPace;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.concurrent.locks.Lock;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Content-addressable blobs in a folder, the truth of the cache:
 *
 * <pre>
 * root/entrepot.lock            held while an instance runs: two would not know of each other
 * root/blobs/sha256/6c/6c3c…    a verified blob, named by its hex, fanned out by its first byte
 * root/blobs/sha512/…
 * root/spool/                   fills under way; swept at start
 * root/quarantine/              the last few blobs that had rotted
 * root/index/                   the embedded database (not this package's)
 * </pre>
 *
 * A file gets its name in {@code blobs/} only by the rename of {@link #commit}, after its bytes
 * were verified and fsynced, so whatever stands there is whole. Thread-safe.
 */
public final class FileBlobStore implements AutoCloseable {
  /** Many enough that two digests seldom share one, few enough to cost nothing. */
  private static final int LOCK_STRIPES = 64;

  private final BlobFolders folders;
  private final Quarantine quarantine;
  private final Spool spool;
  private final FileChannel lockFile;
  private final SmallBodies small;
  private final Lock[] locks = new Lock[LOCK_STRIPES];

  private FileBlobStore(
      BlobFolders folders, Quarantine quarantine, Spool spool, FileChannel lockFile) {
    this.folders = folders;
    this.small = new SmallBodies(folders::file);
    this.quarantine = quarantine;
    this.spool = spool;
    this.lockFile = lockFile;
    for (int i = 0; i < LOCK_STRIPES; i++) {
      locks[i] = new ReentrantLock();
    }
  }

  /**
   * Opens or creates a store and sweeps what a crash left.
   *
   * @param root its folder; created where it does not exist
   * @param reserve free bytes that fills leave untouched
   * @param resumable whether fills that a stop has broken may go on
   * @param syncs runs what waits for the disk while a fill goes on
   * @throws IOException when the folder cannot be used, or another instance uses it
   */
  public static FileBlobStore open(Path root, long reserve, boolean resumable, Executor syncs)
      throws IOException {
    Path spoolFolder = Files.createDirectories(root.resolve("spool"));
    BlobFolders folders = new BlobFolders(Files.createDirectories(root.resolve("blobs")));
    FileChannel lockFile = lock(root);
    try {
      Spool spool = new Spool(spoolFolder, reserve, resumable, syncs);
      spool.sweep();
      return new FileBlobStore(
          folders, new Quarantine(root.resolve("quarantine")), spool, lockFile);
    } catch (IOException | RuntimeException e) {
      lockFile.close();
      throw e;
    }
  }

  private static FileChannel lock(Path root) throws IOException {
    FileChannel channel =
        FileChannel.open(
            root.resolve("entrepot.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Another application in this very JVM holds it: the same answer as below.
    } catch (IOException e) {
      channel.close();
      throw e;
    }
    channel.close();
    throw new IOException("another Entrepot is using the folder " + root);
  }

  /** Where fills begin. */
  public Spool spool() {
    return spool;
  }

  /** Finds a blob; one look at the file system. */
  public Optional<StoredBlob> find(Digest digest) throws IOException {
    Path file = folders.file(digest);
    try {
      return Optional.of(new StoredBlob(digest, Files.size(file), file));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /**
   * Finds a blob whose size is known. A small one comes with its bytes, verified, and without a
   * look at the file system where they are on the heap.
   *
   * @return empty also where the file has another size, for then it has lost bytes, and where it is
   *     small and has rotted
   */
  public Optional<StoredBlob> find(Digest digest, long size) throws IOException {
    Optional<StoredBlob> found =
        size <= SmallBodies.MAX_BODY ? Optional.ofNullable(small.get(digest)) : find(digest);
    return found.filter(blob -> blob.size() == size);
  }

  /**
   * Gives a sealed fill its name in the store, durably: file synced, renamed, folder synced.
   *
   * @throws IOException when the disk refuses; the spool file is then as it was
   */
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
    return new StoredBlob(file.digest(), file.written(), folders.file(file.digest()));
  }

  /** Moves a file, whose bytes are verified and on the disk, to where its digest is looked for. */
  private void name(Path file, Digest digest) throws IOException {
    Path folder = folders.folder(digest);
    folders.create(folder);
    Lock lock = lockOf(digest);
    lock.lock();
    try {
      Files.move(file, folders.file(digest), StandardCopyOption.ATOMIC_MOVE);
      small.forget(digest);
    } finally {
      lock.unlock();
    }
    Channels.syncFolder(folder);
  }

  /** Stores a small verified body, such as a manifest. */
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

  /**
   * Takes in a file of another folder: by a hard link where the file system allows it, else by a
   * copy, in either case after verifying it. The file itself is not changed.
   *
   * @throws CorruptBlobException when the file is absent, or is not that blob
   * @throws IOException when our own disk refuses
   */
  public StoredBlob copyIn(Digest digest, Path source) throws IOException {
    if (!Files.isRegularFile(source)) {
      throw new CorruptBlobException("there is no file of its bytes");
    }
    try (FileChannel channel = FileChannel.open(source, StandardOpenOption.READ)) {
      Digest actual = Channels.hash(digest.verifier(), channel);
      if (!actual.equals(digest)) {
        throw new CorruptBlobException("its bytes hash to " + actual);
      }
    }
    Path file = spool.newPath(digest);
    try {
      Files.createLink(file, source);
    } catch (IOException | UnsupportedOperationException e) {
      Files.copy(source, file);
    }
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      channel.force(true);
    }
    long size = Files.size(file);
    name(file, digest);
    return new StoredBlob(digest, size, folders.file(digest));
  }

  /**
   * Reads a stored blob from end to end. One that is damaged, or that the disk cannot read, is
   * taken out of the store for people to look at: {@code quarantine/} keeps the last few. Readers
   * that have it open keep what they have.
   *
   * @param pace waits as it likes between two pieces
   * @return whether its bytes hash to its digest; false also where it is gone
   * @throws IOException when it cannot be opened, or not be taken out
   * @throws InterruptedException when the pace is
   */
  public boolean verify(Digest digest, ReadPace pace) throws IOException, InterruptedException {
    Path file = folders.file(digest);
    try {
      Object identity = identity(file);
      // Open until it has been taken out: no other file can have its identity so long.
      try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
        if (Channels.hashesTo(digest, channel, pace)) {
          return true;
        }
        takeOut(digest, identity);
      }
    } catch (NoSuchFileException e) {
      return false;
    }
    return false;
  }

  /** Unless it is no longer the file that was read: then somebody has just replaced it. */
  private void takeOut(Digest digest, @Nullable Object identity) throws IOException {
    Path file = folders.file(digest);
    Lock lock = lockOf(digest);
    lock.lock();
    try {
      if (Objects.equals(identity(file), identity)) {
        quarantine.take(digest, file);
        small.forget(digest);
        quarantine.trim();
      }
    } finally {
      lock.unlock();
    }
  }

  private static @Nullable Object identity(Path file) throws IOException {
    return Files.readAttributes(file, BasicFileAttributes.class).fileKey();
  }

  /**
   * Runs an action while no removal of this digest can happen: to make a link to bytes that are
   * already here.
   */
  public void whileKept(Digest digest, Runnable action) {
    Lock lock = lockOf(digest);
    lock.lock();
    try {
      action.run();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Unlinks a blob, unless it is needed after all. The question is asked under the digest's lock,
   * so that a link made at that moment wins. Readers that have it open keep their bytes.
   *
   * @return whether it is gone, which it also is when it never was there
   * @throws IOException when the file cannot be deleted
   */
  public boolean removeUnless(Digest digest, BooleanSupplier needed) throws IOException {
    Lock lock = lockOf(digest);
    lock.lock();
    try {
      if (needed.getAsBoolean()) {
        return false;
      }
      Files.deleteIfExists(folders.file(digest));
      small.forget(digest);
      return true;
    } finally {
      lock.unlock();
    }
  }

  private Lock lockOf(Digest digest) {
    return locks[Math.floorMod(digest.hashCode(), LOCK_STRIPES)];
  }

  /**
   * The blobs of one folder after another, in the order of their digests.
   *
   * @param last the last digest of the batch before; null to begin
   * @return empty at the end
   */
  public List<Digest> digestsAfter(@Nullable Digest last) throws IOException {
    return folders.after(last);
  }

  @Override
  public void close() throws IOException {
    lockFile.close();
  }
}
