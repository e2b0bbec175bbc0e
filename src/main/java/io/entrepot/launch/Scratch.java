package io.entrepot.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A temporary folder that exists as long as this process runs. Only its user can enter it. The
 * process locks a file in it. A later process that finds the file unlocked knows that the owner has
 * crashed, and deletes the folder.
 */
final class Scratch {
  private static final String PREFIX = "entrepot-launch-";
  private static final String LOCK = "lock";

  /** Younger folders are not deleted: their process may not have locked the file yet. */
  private static final Duration YOUNGEST_SWEPT = Duration.ofMinutes(1);

  private final Path folder;
  private final FileChannel lock;

  private Scratch(Path folder, FileChannel lock) {
    this.folder = folder;
    this.lock = lock;
  }

  /**
   * Makes a folder in {@code parent}, and deletes the folders of crashed processes of the same
   * user.
   */
  static Scratch in(Path parent, Clock clock) throws IOException {
    Path folder = Files.createTempDirectory(parent, PREFIX);
    FileChannel lock =
        FileChannel.open(
            folder.resolve(LOCK), StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
    lock.lock();
    Scratch scratch = new Scratch(folder, lock);
    scratch.sweepOthers(clock.instant().minus(YOUNGEST_SWEPT));
    return scratch;
  }

  /** Makes a new folder in this one. */
  Path folder(String name) throws IOException {
    return Files.createDirectory(folder.resolve(name));
  }

  /** Deletes the folder, as far as possible. */
  void delete() {
    try {
      lock.close();
      delete(folder);
    } catch (IOException | UncheckedIOException e) {
      // The next start deletes it.
    }
  }

  private void sweepOthers(Instant before) throws IOException {
    try (DirectoryStream<Path> folders =
        Files.newDirectoryStream(folder.getParent(), PREFIX + "*")) {
      for (Path each : folders) {
        if (!each.equals(folder)) {
          sweep(each, before);
        }
      }
    }
  }

  /**
   * Deletes a folder that a crashed process of the same user has left. Folders of other users stay:
   * in a shared parent they may hold links to any place. The lock is held meanwhile, since other
   * processes may start too.
   */
  private void sweep(Path other, Instant before) {
    Path file = other.resolve(LOCK);
    try (FileChannel channel =
            FileChannel.open(file, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS);
        FileLock free = channel.tryLock()) {
      if (free != null
          && Files.getOwner(other, LinkOption.NOFOLLOW_LINKS).equals(Files.getOwner(folder))
          && Files.getLastModifiedTime(file).toInstant().isBefore(before)) {
        delete(other);
      }
    } catch (IOException | UncheckedIOException | OverlappingFileLockException e) {
      // Another process has it, or deletes it. What is left is no reason not to start.
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> walk = Files.walk(folder)) {
      files = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path file : files) {
      Files.delete(file);
    }
  }
}
