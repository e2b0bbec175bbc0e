package io.entrepot.spool;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What broken fills have left in the spool's folder: for each {@link FillKey} one part, with the
 * mark of its last checkpoint beside it. A later fill of the same upstream may go on with a part;
 * nobody else may use it meanwhile. Thread-safe.
 */
final class Leftovers {
  private static final Logger log = LoggerFactory.getLogger(Leftovers.class);

  private static final String PART = ".part";
  private static final String MARK = ".mark";

  /** Parts of older versions have no upstream in their names, so nobody can go on with them. */
  private static final Pattern NAME = Pattern.compile("[a-z0-9]+-[0-9a-f]+-[0-9a-f]{16}\\.part");

  /** How long a part is kept: a client tries again within minutes, not after a day. */
  private static final Duration MAX_AGE = Duration.ofDays(1);

  private final Path folder;
  private final Space space;
  private final Set<Path> inUse = ConcurrentHashMap.newKeySet();

  /**
   * @param space told of what is deleted
   */
  Leftovers(Path folder, Space space) {
    this.folder = folder;
    this.space = space;
  }

  /** The file of a fill that a later one may go on with. */
  Path partOf(FillKey key) {
    Digest digest = key.digest();
    // Hashed, because the name of an upstream can be too long for the name of a file.
    String upstream =
        Digest.ofBytes(Digest.Algorithm.SHA256, key.upstream().getBytes(UTF_8))
            .hex()
            .substring(0, 16);
    return folder.resolve(digest.algorithm().label() + "-" + digest.hex() + "-" + upstream + PART);
  }

  /** Where the last checkpoint of a file is noted. */
  static Path markOf(Path file) {
    return file.resolveSibling(file.getFileName() + MARK);
  }

  /** Takes a part for a fill, unless another has it. */
  boolean take(Path part) {
    return inUse.add(part);
  }

  void giveBack(Path part) {
    inUse.remove(part);
  }

  /** Deletes a file and its mark. A mark is too small to be counted. */
  void delete(Path file) {
    try {
      space.delete(file);
    } catch (IOException e) {
      log.warn("Could not delete {}; the next start sweeps it", file, e);
    }
    deleteMark(markOf(file));
  }

  private static void deleteMark(Path path) {
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
    long left = 0;
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      for (Path file : files) {
        if (keepYoung && isYoungPart(file)) {
          left += String.valueOf(file).endsWith(MARK) ? 0 : Files.size(file);
        } else {
          Files.deleteIfExists(file);
          swept++;
        }
      }
    }
    space.taken(left);
    if (swept > 0) {
      log.info("Swept {} files of unfinished fills from {}", swept, folder);
    }
  }

  private boolean isYoungPart(Path file) throws IOException {
    Path part = folder.resolve(stem(file));
    return NAME.matcher(stem(file)).matches()
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
    if (!take(part)) {
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
      giveBack(part);
    }
  }
}
