package io.entrepot.spool;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * How much of an unfinished fill is on disk for certain, so that a fill broken by a restart can go
 * on from there (F22). It stands in a small file beside the spool file, written only after the
 * bytes it vouches for were synced.
 *
 * @param size of the whole blob in bytes
 * @param offset how many bytes it vouches for, less than {@code size}
 * @param prefix what those bytes hash to
 */
record Checkpoint(long size, long offset, Digest prefix) {
  private static final int MAX_BYTES = 512;

  /** Reads one; what cannot be read vouches for nothing. */
  static Optional<Checkpoint> read(Path mark) throws IOException {
    try {
      if (Files.size(mark) > MAX_BYTES) {
        return Optional.empty();
      }
      String[] words = Files.readString(mark).strip().split(" ", -1);
      if (words.length != 3) {
        return Optional.empty();
      }
      long size = Long.parseLong(words[0]);
      long offset = Long.parseLong(words[1]);
      return offset > 0 && offset < size
          ? Optional.of(new Checkpoint(size, offset, Digest.parse(words[2])))
          : Optional.empty();
    } catch (NoSuchFileException | NumberFormatException | OciException e) {
      return Optional.empty();
    }
  }

  /**
   * Writes this one in the place of an earlier one, never half; where it fails, nothing is left.
   */
  void write(Path mark) throws IOException {
    Path fresh = mark.resolveSibling(mark.getFileName() + ".new");
    try {
      Files.writeString(fresh, size + " " + offset + " " + prefix);
      Files.move(fresh, mark, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
  }
}
