package io.entrepot.store.file;

import io.entrepot.oci.Digest;
import io.entrepot.threads.OnceAMinute;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The blobs whose files could not be opened: the owner or the mode is wrong, something else has the
 * name, or the disk fails. They count as absent, so that clients get them from the upstream, until
 * their files can be opened or are replaced (F24). Thread-safe.
 */
final class UnreadableBlobs {
  private static final Logger log = LoggerFactory.getLogger(UnreadableBlobs.class);

  /** Each takes about 400 bytes. Another one is tried at each request. */
  private static final int MAX = 1_000;

  private final Map<Digest, Path> files = new ConcurrentHashMap<>();
  private final OnceAMinute due = new OnceAMinute();

  /** Whether a file could not be opened before, and cannot be opened now. */
  boolean contains(Digest digest) {
    Path file = files.get(digest);
    return file != null && reason(digest, file).isPresent();
  }

  /**
   * Remembers a file that cannot be opened or read.
   *
   * @param why what the system has said
   * @throws IOException {@code why}, if the process has no file descriptor left: then this says
   *     nothing about the file (F6)
   */
  void note(Digest digest, Path file, IOException why) throws IOException {
    if (!hasDescriptor()) {
      throw why;
    }
    if (files.size() < MAX) {
      files.put(digest, file);
    }
    if (due.isDue("unreadable")) {
      log.error(
          "A stored blob cannot be read: {}. It counts as absent until it can, and is fetched from"
              + " the upstream. More such files are logged once a minute",
          why.toString());
    }
  }

  /** Forgets a blob whose file has been replaced or removed. */
  void forget(Digest digest) {
    files.remove(digest);
  }

  /** Why a file cannot be read. Tries the files again, and forgets those that can be opened. */
  Optional<String> trouble() {
    return files.entrySet().stream()
        .flatMap(entry -> reason(entry.getKey(), entry.getValue()).stream())
        .findFirst();
  }

  private Optional<String> reason(Digest digest, Path file) {
    try {
      long unused = sizeOf(file);
      FileChannel.open(file, StandardOpenOption.READ).close();
    } catch (NoSuchFileException e) {
      // It is absent, and nothing more is wrong.
    } catch (IOException e) {
      return Optional.of("a stored blob cannot be read: " + e);
    }
    forget(digest);
    return Optional.empty();
  }

  /**
   * The size of a blob's file, by one look at the file system.
   *
   * @throws FileSystemException also if it is no file, such as a folder or a pipe
   */
  static long sizeOf(Path file) throws IOException {
    try {
      BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
      if (!attributes.isRegularFile()) {
        throw new FileSystemException(file.toString(), null, "is not a regular file");
      }
      return attributes.size();
    } catch (NoSuchFileException e) {
      Path above = file.getParent();
      if (above != null && Files.isRegularFile(above)) { // a later JDK calls that absent
        throw new FileSystemException(file.toString(), null, "is below a file");
      }
      throw e;
    }
  }

  /** A socket needs a descriptor too, but no file. */
  private static boolean hasDescriptor() {
    try (SocketChannel probe = SocketChannel.open()) {
      return probe.isOpen();
    } catch (IOException e) {
      return false;
    }
  }
}
