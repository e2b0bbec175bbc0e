package io.entrepot.spool;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

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
  private final Path root;
  private final FileChannel lockFile;

  private DataFolder(Path root, FileChannel lockFile) {
    this.root = root;
    this.lockFile = lockFile;
  }

  /**
   * Creates the folder where it does not exist, and locks it.
   *
   * @throws IOException when it cannot be written to, or another instance uses it
   */
  public static DataFolder open(Path root) throws IOException {
    Files.createDirectories(root);
    FileChannel channel =
        FileChannel.open(
            root.resolve("entrepot.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
    try {
      FileLock lock = channel.tryLock();
      if (lock != null) {
        return new DataFolder(root, channel);
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
  public void close() throws IOException {
    lockFile.close();
  }
}
