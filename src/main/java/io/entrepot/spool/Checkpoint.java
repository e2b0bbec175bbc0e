package io.entrepot.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * How much of an unfinished fill is on the disk for certain, so that a fill that a restart has
 * broken can go on from there (F22). It is kept in a small file, the mark, beside the spool file,
 * and is written only after its bytes were synced.
 *
 * @param size of the whole blob in bytes
 * @param offset how many bytes are on the disk, less than {@code size}
 * @param prefix what those bytes hash to
 */
record Checkpoint(long size, long offset, Digest prefix) {
  private static final int MAX_BYTES = 512;

  /** Reads a mark; empty where there is none, or it makes no sense. */
  static Optional<Checkpoint> read(Path mark) throws IOException {
    try {
      if (Files.size(mark) > MAX_BYTES) {
        return Optional.empty();
      }
      // Any bytes are characters then. What is no number or digest is refused below.
      String[] words = Files.readString(mark, ISO_8859_1).strip().split(" ", -1);
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

  /** Replaces the mark as a whole. Where that fails, the earlier mark stays as it was. */
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
