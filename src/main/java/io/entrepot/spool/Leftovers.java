package io.entrepot.spool;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What broken fills have left in the spool's folder: for each digest one part, with the mark of its
 * last checkpoint beside it. A later fill may go on with a part; nobody else may use it meanwhile.
 * Thread-safe.
 */
final class Leftovers {
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  private static final String PART = ".part";
  private static final String MARK = ".mark";

  /** How long a part is kept: a client tries again within minutes, not after a day. */
  private static final Duration MAX_AGE = Duration.ofDays(1);

  private final Path folder;
  private final Set<Digest> inUse = ConcurrentHashMap.newKeySet();

  Leftovers(Path folder) {
    this.folder = folder;
  }

  /** The file of a fill that a later one may go on with. */
  Path partOf(Digest digest) {
    return folder.resolve(digest.algorithm().label() + "-" + digest.hex() + PART);
  }

  /** Where the last checkpoint of a file is noted. */
  static Path markOf(Path file) {
    return file.resolveSibling(file.getFileName() + MARK);
  }

  /** Takes the part of a digest for a fill, unless another has it. */
  boolean take(Digest digest) {
    return inUse.add(digest);
  }

  void giveBack(Digest digest) {
    inUse.remove(digest);
  }

  /** Deletes a file and its mark. */
  static void delete(Path file) {
    deleteOne(file);
    deleteOne(markOf(file));
  }

  private static void deleteOne(Path path) {
    try {
      Files.deleteIfExists(path);
    } catch (IOException e) {
      log.warn("Could not delete {}; the next start sweeps it", path, e);
    }
  }

  /**
   * Deletes what a crash left behind (F7); for the start, when nothing is in use.
   *
   * @param keepYoung whether young parts stay for a fill to go on with
   */
  void sweepAll(boolean keepYoung) throws IOException {
    int swept = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (!(keepYoung && isYoungPart(file))) {
          Files.deleteIfExists(file);
          swept++;
        }
      }
    }
    if (swept > 0) {
      log.info("Swept {} files of unfinished fills from {}", swept, folder);
    }
  }

  private boolean isYoungPart(Path file) throws IOException {
    Path part = folder.resolve(stem(file));
    return stem(file).endsWith(PART)
        && Files.exists(part)
        && Checkpoint.read(markOf(part)).isPresent()
        && isYoung(part);
  }

  /** The name of a part, from its own or from that of its mark. */
  private static String stem(Path file) {
    String name = String.valueOf(file.getFileName());
    return name.endsWith(MARK) ? name.substring(0, name.length() - MARK.length()) : name;
  }

  private static boolean isYoung(Path file) throws IOException {
    return Files.getLastModifiedTime(file).toInstant().isAfter(Instant.now().minus(MAX_AGE));
  }

  /** Deletes old parts that are not in use. */
  void sweepOld() throws IOException {
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + PART + "*")) {
      for (Path file : files) {
        sweepIfOld(file);
      }
    }
  }

  private void sweepIfOld(Path file) throws IOException {
    Path part = folder.resolve(stem(file));
    Optional<Digest> digest = digestOf(part);
    if (digest.isEmpty() || !take(digest.get())) {
      return;
    }
    try {
      if (!isYoung(file)) {
        delete(part);
        log.info("Swept {}, which nobody went on with", part);
      }
    } catch (NoSuchFileException e) {
      // Its part was seen before its mark: both are gone.
    } finally {
      giveBack(digest.get());
    }
  }

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
}
