package io.entrepot.store.file;

import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import io.entrepot.spool.Channels;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The folders of the blob files: a file is named by its hex, in a folder of its first byte, in one
 * of its algorithm.
 *
 * @param root the folder of these folders
 */
record BlobFolders(Path root) {

  Path file(Digest digest) {
    return folder(digest).resolve(digest.hex());
  }

  Path folder(Digest digest) {
    return root.resolve(digest.algorithm().label()).resolve(digest.hex().substring(0, 2));
  }

  /** Creates a folder, durably. */
  void create(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      Files.createDirectories(folder);
      for (Path parent = folder.getParent();
          parent != null && parent.startsWith(root);
          parent = parent.getParent()) {
        Channels.syncFolder(parent);
      }
    }
  }

  /** The bytes of all files in a folder and below. Reads the size of each of them. */
  static long bytesIn(Path folder) throws IOException {
    AtomicLong bytes = new AtomicLong();
    if (Files.isDirectory(folder)) {
      Files.walkFileTree(
          folder,
          new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
              bytes.addAndGet(attributes.isRegularFile() ? attributes.size() : 0);
              return FileVisitResult.CONTINUE;
            }

            /** What is gone or cannot be read does not keep the application from its start. */
            @Override
            public FileVisitResult visitFileFailed(Path file, IOException why) {
              return FileVisitResult.CONTINUE;
            }
          });
    }
    return bytes.get();
  }

  /** The folders that are there. */
  List<Path> all() throws IOException {
    List<Path> all = new ArrayList<>();
    for (Algorithm algorithm : Algorithm.values()) {
      all.addAll(list(root.resolve(algorithm.label())));
    }
    return all;
  }

  /**
   * The blobs of the next folder that has any, sorted.
   *
   * @param last a blob of the folder before; null to begin
   * @return empty behind the last folder
   */
  List<Digest> after(@Nullable Digest last) throws IOException {
    for (Algorithm algorithm : Algorithm.values()) {
      for (Path folder : list(root.resolve(algorithm.label()))) {
        if (last == null || folder.compareTo(folder(last)) > 0) {
          List<Digest> blobs = blobs(algorithm, folder);
          if (!blobs.isEmpty()) {
            return blobs;
          }
        }
      }
    }
    return List.of();
  }

  private List<Digest> blobs(Algorithm algorithm, Path folder) throws IOException {
    return list(folder).stream().flatMap(file -> blob(algorithm, file).stream()).toList();
  }

  /** Empty for a file that is not ours, such as those that NFS makes of deleted files. */
  private Optional<Digest> blob(Algorithm algorithm, Path file) {
    try {
      return Optional.of(new Digest(algorithm, file.getFileName().toString()))
          .filter(digest -> file(digest).equals(file));
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
  }

  private static List<Path> list(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> paths = Files.list(folder)) {
      return paths.sorted().toList();
    }
  }
}
