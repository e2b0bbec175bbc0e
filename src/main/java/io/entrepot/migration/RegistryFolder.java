package io.entrepot.migration;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The storage folder of a docker/distribution registry, read only:
 *
 * <pre>
 * docker/registry/v2/blobs/sha256/6c/6c3c…/data
 * docker/registry/v2/repositories/NAME/_layers/sha256/HEX/link
 * docker/registry/v2/repositories/NAME/_manifests/revisions/sha256/HEX/link
 * docker/registry/v2/repositories/NAME/_manifests/tags/TAG/current/link
 * </pre>
 */
final class RegistryFolder {
  /** No name has more components: it has at most 255 characters, and each component takes two. */
  private static final int MAX_DEPTH = 128;

  private final Path root;

  RegistryFolder(Path storage) {
    this.root = storage.resolve("docker/registry/v2");
  }

  boolean exists() {
    return Files.isDirectory(root.resolve("repositories"));
  }

  /** One repository's folder. */
  record Repository(RepositoryName name, Path folder) {}

  List<Repository> repositories() throws IOException {
    List<Repository> found = new ArrayList<>();
    collect(root.resolve("repositories"), "", 0, found);
    return found;
  }

  private static void collect(Path folder, String name, int depth, List<Repository> found)
      throws IOException {
    if (depth > MAX_DEPTH) {
      return;
    }
    for (Path child : children(folder)) {
      String part = String.valueOf(child.getFileName());
      if (!part.startsWith("_") && Files.isDirectory(child)) {
        collect(child, name.isEmpty() ? part : name + "/" + part, depth + 1, found);
      }
    }
    if (Files.isDirectory(folder.resolve("_manifests"))
        || Files.isDirectory(folder.resolve("_layers"))) {
      try {
        found.add(new Repository(RepositoryName.parse(name), folder));
      } catch (OciException e) {
        throw new IOException(folder + " is no repository: " + e.getMessage(), e);
      }
    }
  }

  /** Digests linked below a folder such as {@code _layers}. */
  static List<Digest> links(Path folder) throws IOException {
    List<Digest> digests = new ArrayList<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (Path entry : children(folder.resolve(algorithm.label()))) {
        if (Files.exists(entry.resolve("link"))) {
          digests.add(Digest.parse(algorithm.label() + ":" + entry.getFileName()));
        }
      }
    }
    return digests;
  }

  Path data(Digest digest) {
    return root.resolve("blobs")
        .resolve(digest.algorithm().label())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex())
        .resolve("data");
  }

  static List<Path> children(Path folder) throws IOException {
    List<Path> children = new ArrayList<>();
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      entries.forEach(children::add);
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    children.sort(null);
    return children;
  }
}
