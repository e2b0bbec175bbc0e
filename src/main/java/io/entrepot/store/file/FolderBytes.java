package io.entrepot.store.file;

import io.entrepot.spool.Space;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * How many bytes the blobs of each folder have, as far as they came and went by this cache. If
 * somebody removes a folder, its bytes are given back to the quota (F28). Each folder is counted
 * under the lock of its digests.
 */
final class FolderBytes {
  private final Space space;

  /** At most 256 folders for each algorithm. */
  private final Map<Path, Long> bytes = new ConcurrentHashMap<>();

  FolderBytes(Space space) {
    this.space = space;
  }

  /** Counts what is in folders at the start. */
  void readAll(List<Path> folders) throws IOException {
    for (Path folder : folders) {
      long size = BlobFolders.bytesIn(folder);
      add(folder, size);
      space.taken(size);
    }
  }

  /** The folders that have been counted. */
  Iterable<Path> folders() {
    return bytes.keySet();
  }

  /** Tells that files have come, or have gone. */
  void add(Path folder, long size) {
    bytes.merge(folder, size, Long::sum);
  }

  /** Gives back what was in a folder that is not there any more. */
  void forgetIfRemoved(Path folder) {
    if (Files.notExists(folder)) {
      Long size = bytes.remove(folder);
      space.freed(size == null ? 0 : size);
    }
  }
}
