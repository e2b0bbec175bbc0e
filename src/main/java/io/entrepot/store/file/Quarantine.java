package io.entrepot.store.file;

import io.entrepot.oci.Digest;
import io.entrepot.spool.Space;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** The folder of the last few damaged blobs, for people to look at. Thread-safe. */
final class Quarantine {
  /** How many blobs are kept: few, since each may have gigabytes. */
  private static final int MAX_KEPT = 4;

  private final Path folder;
  private final Space space;

  /**
   * @param space told of what is deleted
   */
  Quarantine(Path folder, Space space) {
    this.folder = folder;
    this.space = space;
  }

  /** Moves a blob's file here from the store, unless it is gone already. */
  void take(Digest digest, Path file) throws IOException {
    Files.createDirectories(folder);
    Path kept = folder.resolve(digest.algorithm().label() + "-" + digest.hex());
    try {
      space.move(file, kept, StandardCopyOption.REPLACE_EXISTING);
    } catch (NoSuchFileException e) {
      // Somebody else has just found it damaged.
    }
  }

  /** Deletes all but the last few. */
  void trim() throws IOException {
    List<Path> kept = new ArrayList<>();
    try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
      files.forEach(kept::add);
    }
    for (int i = 0; i < kept.size() - MAX_KEPT; i++) {
      space.delete(kept.get(i));
    }
  }
}
