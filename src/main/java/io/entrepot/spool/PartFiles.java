package io.entrepot.spool;

import io.entrepot.threads.OnceAMinute;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes the files of fills, in space that is promised first, and knows why the disk did not take
 * one. Thread-safe.
 */
final class PartFiles {
  private static final Logger log = LoggerFactory.getLogger(PartFiles.class);

  private final Folder folder;
  private final OnceAMinute due = new OnceAMinute();
  private volatile @Nullable String trouble;

  /** Makes the folder of the files where it does not exist. */
  @FunctionalInterface
  interface Folder {
    Path make() throws IOException;
  }

  /** Promises the space of a file. */
  @FunctionalInterface
  interface SpaceOf {
    Space.Promise promise() throws IOException;
  }

  PartFiles(Folder folder) {
    this.folder = folder;
  }

  /**
   * Makes a file. Where the disk has no room or cannot be written, it has no channel.
   *
   * @param space where the file is to be
   * @param onClose runs when it is closed
   */
  PartFile create(Path path, SpaceOf space, @Nullable Checkpoints checkpoints, Runnable onClose) {
    try {
      return createFile(path, space, checkpoints, onClose);
    } catch (NoSuchFileException e) {
      return createAgain(path, space, checkpoints, onClose);
    } catch (IOException e) {
      return withoutDisk(path, onClose, e);
    }
  }

  /** After somebody has removed the folder: makes it again (F28). */
  private PartFile createAgain(
      Path path, SpaceOf space, @Nullable Checkpoints checkpoints, Runnable onClose) {
    try {
      log.warn("The folder {} was removed, and is made again", folder.make());
      return createFile(path, space, checkpoints, onClose);
    } catch (IOException e) {
      return withoutDisk(path, onClose, e);
    }
  }

  private PartFile createFile(
      Path path, SpaceOf space, @Nullable Checkpoints checkpoints, Runnable onClose)
      throws IOException {
    Space.Promise promise = space.promise();
    try {
      FileChannel channel =
          FileChannel.open(
              path,
              StandardOpenOption.CREATE_NEW,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE);
      return adopt(path, channel, promise, checkpoints, onClose);
    } catch (IOException e) {
      promise.release();
      throw e;
    }
  }

  /** Takes a file that is open. */
  PartFile adopt(
      Path path,
      FileChannel channel,
      Space.Promise promise,
      @Nullable Checkpoints checkpoints,
      Runnable onClose) {
    Runnable both =
        () -> {
          promise.release();
          onClose.run();
        };
    return new PartFile(path, channel, promise, checkpoints, this::refused, both);
  }

  /** Takes a file that is open and complete. */
  PartFile adopt(Path path, FileChannel channel) {
    return new PartFile(path, channel, null, null, this::refused, () -> {});
  }

  private PartFile withoutDisk(Path path, Runnable onClose, IOException why) {
    if (due.isDue("refused")) {
      log.error(
          "A blob is served but cannot be kept: {}. More of them are logged once a minute",
          why.toString());
    }
    refused(why);
    return new PartFile(path, null, null, null, this::refused, onClose);
  }

  /** Notes that the disk did not take a blob. */
  void refused(IOException why) {
    trouble = why.toString();
  }

  /** Notes that the disk has taken a blob, and so is well. */
  void taken() {
    trouble = null;
  }

  /** Why the disk did not take a blob (F3, F4); null once it has taken another. */
  @Nullable String trouble() {
    return trouble;
  }
}
