package io.entrepot.migration;

import io.entrepot.cache.LocalContent;
import io.entrepot.catalog.LinkKind;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.spool.CorruptBlobException;
import io.entrepot.spool.Spool;
import io.entrepot.spool.SpoolFile;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes over the storage folder of a docker-registry that was a proxy cache: blobs, links,
 * manifests and tags. Everything is verified; what is damaged is skipped and named. Nothing in the
 * folder is changed. It may be run again: what is here already of its upstream is only linked.
 */
public final class Migration {
  private static final Logger log = LoggerFactory.getLogger(Migration.class);

  private final RegistryFolder source;
  private final Path storage;
  private final LocalContent content;
  private final Spool spool;
  private final UnaryOperator<RepositoryName> naming;
  private final Set<Digest> damaged = new HashSet<>();
  private int blobs;
  private int manifests;
  private int tags;

  /**
   * Prepares a run.
   *
   * @param storage the registry's {@code rootdirectory}, the folder above {@code docker/}
   * @param spool takes in its files, on their way to the store
   * @param naming the name in this cache of a repository of that registry
   */
  public Migration(
      Path storage, LocalContent content, Spool spool, UnaryOperator<RepositoryName> naming) {
    this.source = new RegistryFolder(storage);
    this.naming = naming;
    this.storage = storage;
    this.content = content;
    this.spool = spool;
  }

  /**
   * Takes everything over; blocks until that is done.
   *
   * @throws IOException when the folder is no registry's, or cannot be read, or our disk fails
   */
  public void run() throws IOException {
    if (!source.exists()) {
      throw new IOException(
          storage + " is no storage folder of a docker-registry: it has no docker/registry/v2");
    }
    for (RegistryFolder.Repository repository : source.repositories()) {
      takeRepository(
          new RegistryFolder.Repository(naming.apply(repository.name()), repository.folder()));
    }
    log.info(
        "Took over {} blob links, {} manifests and {} tags from {}; {} damaged contents skipped",
        blobs,
        manifests,
        tags,
        storage,
        damaged.size());
  }

  private void takeRepository(RegistryFolder.Repository repository) throws IOException {
    Path revisions = repository.folder().resolve("_manifests/revisions");
    List<Digest> linked = source.links(revisions);
    for (Digest digest : source.links(repository.folder().resolve("_layers"))) {
      if (!linked.contains(digest) && takeBlob(repository, digest)) {
        blobs++;
      }
    }
    for (Digest digest : linked) {
      takeManifest(repository, digest);
    }
    for (Path tag : source.children(repository.folder().resolve("_manifests/tags"))) {
      takeTag(repository, tag);
    }
  }

  private boolean takeBlob(RegistryFolder.Repository repository, Digest digest) throws IOException {
    if (damaged.contains(digest)) {
      return false;
    }
    try {
      if (isFromSameUpstream(repository, digest)) {
        content.linkExisting(repository.name(), digest);
      } else {
        store(repository, digest);
      }
    } catch (CorruptBlobException e) {
      skip(repository, digest, String.valueOf(e.getMessage()));
      return false;
    }
    if (content.findLink(repository.name(), digest, LinkKind.BLOB).isEmpty()) {
      skip(repository, digest, "it cannot be linked");
      return false;
    }
    return true;
  }

  /** A link file is no proof: bytes that another upstream has sent must be in the folder too. */
  private boolean isFromSameUpstream(RegistryFolder.Repository repository, Digest digest) {
    return content.findBytes(digest).isPresent()
        && content.isLinkedBy(repository.name().firstComponent(), digest);
  }

  private void store(RegistryFolder.Repository repository, Digest digest) throws IOException {
    Path data = source.data(digest);
    if (!source.isReal(data)) {
      throw new CorruptBlobException("a symbolic link is in the path of its bytes");
    }
    SpoolFile copy = spool.takeIn(digest, data);
    try {
      content.store(copy, digest, List.of(repository.name()));
    } catch (IOException | RuntimeException e) {
      spool.discard(copy);
      throw e;
    } finally {
      copy.release();
    }
  }

  private void takeManifest(RegistryFolder.Repository repository, Digest digest)
      throws IOException {
    Path data = source.data(digest);
    if (!source.isReal(data)
        || !Files.isRegularFile(data)
        || Files.size(data) > Manifest.MAX_BYTES) {
      skip(repository, digest, "it is missing, too large for a manifest, or behind a link");
      return;
    }
    byte[] bytes;
    try (InputStream in = Files.newInputStream(data, LinkOption.NOFOLLOW_LINKS)) {
      bytes = in.readNBytes(Manifest.MAX_BYTES);
    }
    try {
      var unused =
          content.storeManifest(
              repository.name(), Manifest.verify(digest, ManifestType.of(bytes), bytes));
      manifests++;
    } catch (OciException e) {
      skip(repository, digest, String.valueOf(e.getMessage()));
    }
  }

  private void skip(RegistryFolder.Repository repository, Digest digest, String why) {
    damaged.add(digest);
    log.warn("Skipped {} of {}: {}", digest, repository.name(), why);
  }

  private void takeTag(RegistryFolder.Repository repository, Path folder) throws IOException {
    Path link = folder.resolve("current/link");
    try {
      Tag tag = Tag.parse(String.valueOf(folder.getFileName()));
      Optional<Digest> digest = source.digest(link);
      if (digest.isPresent() && !damaged.contains(digest.get())) {
        Instant since = Files.getLastModifiedTime(link).toInstant();
        content.tags().put(new TagEntry(repository.name(), tag, digest.get(), since));
        tags++;
      }
    } catch (OciException e) {
      log.warn("Skipped tag {} of {}: {}", folder.getFileName(), repository.name(), e.getMessage());
    }
  }
}
