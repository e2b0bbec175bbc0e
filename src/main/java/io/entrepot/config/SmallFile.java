package io.entrepot.config;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Reads whole files of a limited size into memory. */
final class SmallFile {
  private SmallFile() {}

  /**
   * Reads a file.
   *
   * @param max the largest size in bytes
   * @return the bytes; empty if the file is larger
   */
  static Optional<byte[]> read(Path file, int max) throws IOException {
    try (InputStream in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(max + 1);
      return bytes.length > max ? Optional.empty() : Optional.of(bytes);
    }
  }
}
