package io.entrepot.spool;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How much of an unfinished fill is on the disk for certain, so that a fill that a restart has
 * broken can go on from there (F22). It is kept in a small file, the mark, beside the spool file,
 * and is written only after its bytes were synced.
 *
 * @param size of the whole blob in bytes
 * @param offset how many bytes are on the disk from the first one on, less than {@code size}
 * @param prefix what those bytes hash to
 * @param ahead what is on the disk further on, in order
 */
record Checkpoint(long size, long offset, Digest prefix, List<Stretch> ahead) {
  private static final int MAX_BYTES = 4096;
  private static final Pattern STRETCH = Pattern.compile("(\\d{1,18})-(\\d{1,18}):(\\d{1,10})");

  /**
   * A stretch. The blob's digest cannot tell whether a part of it is sound.
   *
   * @param begin offset of its first byte
   * @param end offset after its last byte
   * @param crc the CRC-32C of its bytes
   */
  record Stretch(long begin, long end, long crc) {
    @Override
    public String toString() {
      return begin + "-" + end + ":" + crc;
    }
  }

  Checkpoint {
    ahead = List.copyOf(ahead);
  }

  /** Reads a mark; empty where there is none, or it makes no sense. */
  static Optional<Checkpoint> read(Path mark) throws IOException {
    try {
      if (Files.size(mark) > MAX_BYTES) {
        return Optional.empty();
      }
      // Any bytes are characters then. What is no number or digest is refused below.
      String[] words = Files.readString(mark, ISO_8859_1).strip().split(" ", -1);
      if (words.length < 3 || words.length > 3 + Stretches.MAX) {
        return Optional.empty();
      }
      List<Stretch> ahead = new ArrayList<>();
      for (int i = 3; i < words.length; i++) {
        ahead.add(stretch(words[i]));
      }
      Checkpoint read =
          new Checkpoint(
              Long.parseLong(words[0]), Long.parseLong(words[1]), Digest.parse(words[2]), ahead);
      return read.makesSense() ? Optional.of(read) : Optional.empty();
    } catch (NoSuchFileException | NumberFormatException | OciException e) {
      return Optional.empty();
    }
  }

  private static Stretch stretch(String word) {
    Matcher parts = STRETCH.matcher(word);
    if (!parts.matches()) {
      throw new NumberFormatException(word);
    }
    return new Stretch(
        Long.parseLong(parts.group(1)),
        Long.parseLong(parts.group(2)),
        Long.parseLong(parts.group(3)));
  }

  private boolean makesSense() {
    long end = offset;
    long missing = size - offset;
    for (Stretch stretch : ahead) {
      if (stretch.begin() < end || stretch.end() <= stretch.begin()) {
        return false;
      }
      end = stretch.end();
      missing -= stretch.end() - stretch.begin();
    }
    return offset >= 0 && end > 0 && end <= size && missing > 0;
  }

  /** Replaces the mark as a whole. Where that fails, the earlier mark stays as it was. */
  void write(Path mark) throws IOException {
    Path fresh = mark.resolveSibling(mark.getFileName() + ".new");
    StringBuilder text = new StringBuilder().append(size).append(' ').append(offset);
    text.append(' ').append(prefix);
    ahead.forEach(stretch -> text.append(' ').append(stretch));
    try {
      Files.writeString(fresh, text);
      Files.move(fresh, mark, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      Files.deleteIfExists(fresh);
      throw e;
    }
  }
}
