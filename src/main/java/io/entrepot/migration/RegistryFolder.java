package io.entrepot.migration;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The storage folder of a docker/distribution registry, read only. A symbolic link below it is not
 * followed: whoever may write there could lead out of it by one, to any file that this process can
 * read (S38).
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

  /** A link is a digest, and perhaps a line break. */
  private static final int MAX_LINK = 256;

  private static final Logger log = LoggerFactory.getLogger(RegistryFolder.class);

  private final Path storage;
  private final Path root;

  RegistryFolder(Path storage) {
    this.storage = storage;
    this.root = storage.resolve("docker/registry/v2");
  }

  boolean exists() {
    return isReal(root.resolve("repositories")) && Files.isDirectory(root.resolve("repositories"));
  }

  /** Whether no part of a path below the storage folder is a symbolic link. Says where one is. */
  boolean isReal(Path path) {
    for (Path part = path; part != null && !part.equals(storage); part = part.getParent()) {
      if (Files.isSymbolicLink(part)) {
        log.warn("Skipped {}: it is a symbolic link, which is not followed", part);
        return false;
      }
    }
    return true;
  }

  /** One repository's folder. */
  record Repository(RepositoryName name, Path folder) {}

  List<Repository> repositories() throws IOException {
    List<Repository> found = new ArrayList<>();
    collect(root.resolve("repositories"), "", 0, found);
    return found;
  }

  private void collect(Path folder, String name, int depth, List<Repository> found)
      throws IOException {
    if (depth > MAX_DEPTH) {
      return;
    }
    for (Path child : children(folder)) {
      String part = String.valueOf(child.getFileName());
      if (!part.startsWith("_") && Files.isDirectory(child, NOFOLLOW_LINKS)) {
        collect(child, name.isEmpty() ? part : name + "/" + part, depth + 1, found);
      }
    }
    if (Files.isDirectory(folder.resolve("_manifests"), NOFOLLOW_LINKS)
        || Files.isDirectory(folder.resolve("_layers"), NOFOLLOW_LINKS)) {
      try {
        found.add(new Repository(RepositoryName.parse(name), folder));
      } catch (OciException e) {
        throw new IOException(folder + " is no repository: " + e.getMessage(), e);
      }
    }
  }

  /** Digests linked below a folder such as {@code _layers}. */
  List<Digest> links(Path folder) throws IOException {
    List<Digest> digests = new ArrayList<>();
    for (Digest.Algorithm algorithm : Digest.Algorithm.values()) {
      for (Path entry : children(folder.resolve(algorithm.label()))) {
        if (Files.isRegularFile(entry.resolve("link"), NOFOLLOW_LINKS)) {
          digest(algorithm, entry).ifPresent(digests::add);
        }
      }
    }
    return digests;
  }

  private static Optional<Digest> digest(Digest.Algorithm algorithm, Path entry) {
    try {
      return Optional.of(Digest.parse(algorithm.label() + ":" + entry.getFileName()));
    } catch (OciException e) {
      log.warn("Skipped {}: {}", entry, e.getMessage());
      return Optional.empty();
    }
  }

  Path data(Digest digest) {
    return root.resolve("blobs")
        .resolve(digest.algorithm().label())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex())
        .resolve("data");
  }

  /** The digest in a file {@code link}; empty where there is no such file. */
  Optional<Digest> digest(Path link) throws IOException {
    if (!isReal(link) || !Files.isRegularFile(link)) {
      return Optional.empty();
    }
    try (InputStream in = Files.newInputStream(link, NOFOLLOW_LINKS)) {
      return Optional.of(Digest.parse(new String(in.readNBytes(MAX_LINK), UTF_8).strip()));
    }
  }

  /** What is in a folder, in order, without symbolic links. */
  List<Path> children(Path folder) throws IOException {
    List<Path> children = new ArrayList<>();
    if (!isReal(folder)) {
      return children;
    }
    try (DirectoryStream<Path> entries = Files.newDirectoryStream(folder)) {
      for (Path entry : entries) {
        if (isReal(entry)) {
          children.add(entry);
        }
      }
    } catch (NoSuchFileException | NotDirectoryException e) {
      return List.of();
    }
    children.sort(null);
    return children;
  }
}
