package io.entrepot.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one running instance, locked from {@link #open} to {@link #close}. Two instances on
 * one folder would delete each other's files.
 *
 * <pre>
 * root/entrepot.lock            held while an instance runs
 * root/store-id                 tells this folder from others; the database has it too
 * root/spool/                   fills under way; swept at start
 * root/blobs/, root/quarantine/ the blob store in files
 * root/index/                   the embedded database
 * </pre>
 */
public final class DataFolder implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(DataFolder.class);

  /** The mode 0700: the bytes of private repositories are here. */
  private static final Set<PosixFilePermission> OWNER_ONLY =
      PosixFilePermissions.fromString("rwx------");

  private static final String LOCK = "entrepot.lock";

  private final Path root;
  private FileChannel lockFile;

  private DataFolder(Path root, FileChannel lockFile) {
    this.root = root;
    this.lockFile = lockFile;
  }

  /**
   * Creates the folder where it does not exist, and locks it. A new or empty folder is closed to
   * other users. One with files may be used by somebody else as well, so that its mode is only
   * looked at.
   *
   * @throws IOException when it cannot be written to, or another instance uses it
   */
  public static DataFolder open(Path root) throws IOException {
    return new DataFolder(root, locked(root));
  }

  private static FileChannel locked(Path root) throws IOException {
    Files.createDirectories(root);
    closeToOthers(root, isEmpty(root));
    FileChannel channel =
        FileChannel.open(root.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
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

  /**
   * Makes and locks the folder again if somebody has removed it (F28).
   *
   * @return whether it was gone
   * @throws IOException as {@link #open}
   */
  public synchronized boolean takeUpAgain() throws IOException {
    if (Files.exists(root.resolve(LOCK))) {
      return false;
    }
    FileChannel again = locked(root);
    lockFile.close();
    lockFile = again;
    return true;
  }

  private static boolean isEmpty(Path root) throws IOException {
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(root)) {
      return !entries.iterator().hasNext();
    }
  }

  private static void closeToOthers(Path root, boolean isOurs) throws IOException {
    @Nullable PosixFileAttributeView view =
        Files.getFileAttributeView(root, PosixFileAttributeView.class);
    if (view == null || OWNER_ONLY.containsAll(view.readAttributes().permissions())) {
      return;
    }
    try {
      if (isOurs) {
        view.setPermissions(OWNER_ONLY);
        return;
      }
    } catch (IOException e) {
      log.debug("The mode of {} cannot be set", root, e);
    }
    log.warn(
        "Other users can look into the storage folder {}. Close it with: chmod 700 {}", root, root);
  }

  /** A folder in it, created where it does not exist. */
  public Path folder(String name) throws IOException {
    return Files.createDirectories(root.resolve(name));
  }

  /** The path of a folder in it, which need not exist. */
  public Path path(String name) {
    return root.resolve(name);
  }

  /** The id of the folder, which it keeps when it is moved; empty if it has none yet. */
  public Optional<String> id() throws IOException {
    try {
      return Optional.of(Files.readString(idFile()).strip()).filter(id -> !id.isEmpty());
    } catch (NoSuchFileException e) {
      return Optional.empty();
    }
  }

  /** Gives the folder an id; it is on the disk when this returns. */
  public void setId(String id) throws IOException {
    try (FileChannel file =
        FileChannel.open(
            idFile(),
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING)) {
      ByteBuffer text = ByteBuffer.wrap((id + "\n").getBytes(StandardCharsets.US_ASCII));
      while (text.hasRemaining()) {
        file.write(text);
      }
      file.force(true);
    }
  }

  /** The file that has the id. */
  public Path idFile() {
    return root.resolve("store-id");
  }

  /** Unlocks the folder; nothing in it may be used afterwards. */
  @Override
  public synchronized void close() throws IOException {
    lockFile.close();
  }
}
