package io.entrepot.cache;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.catalog.Sighting;
import io.entrepot.catalog.TagEntry;
import io.entrepot.database.DatabaseException;
import io.entrepot.expiry.Evictor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.BlobStore;
import io.entrepot.store.ReadPace;
import io.entrepot.store.StoredBlob;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What is here and for whom: the bytes in the store, the links in the catalog and the leases,
 * always changed together and in the order that a crash may interrupt anywhere. Bytes are shared,
 * permission is not (S5): nothing is found without a link of that very repository. Thread-safe.
 */
public final class LocalContent {
  private static final Logger log = LoggerFactory.getLogger(LocalContent.class);

  private final BlobStore store;
  private final Catalog catalog;
  private final UnindexedBlobs unindexed;
  private final Evictor evictor;
  private final Duration verifyAfter;
  private final Clock clock;

  /**
   * Wires the collaborators.
   *
   * @param verifyAfter how long a blob is served before its bytes are verified again; zero for ever
   */
  public LocalContent(
      BlobStore store,
      Catalog catalog,
      UnindexedBlobs unindexed,
      Evictor evictor,
      Duration verifyAfter,
      Clock clock) {
    this.store = store;
    this.catalog = catalog;
    this.unindexed = unindexed;
    this.evictor = evictor;
    this.verifyAfter = verifyAfter;
    this.clock = clock;
  }

  /**
   * Finds content for a repository and counts this as a use of it. May ask the database.
   *
   * @throws io.entrepot.oci.OciException with {@code UNAVAILABLE} when that cannot be checked (F19)
   */
  public Optional<LinkedBlob> find(RepositoryName repository, Digest digest, LinkKind kind) {
    return findLink(repository, digest, kind).flatMap(this::use);
  }

  /** As {@link #find}, but only where memory has the link: never asks the database. */
  public Optional<LinkedBlob> findKnown(RepositoryName repository, Digest digest, LinkKind kind) {
    return catalog.linkInMemory(repository, digest, kind).flatMap(this::use);
  }

  /**
   * Finds the bytes of a link and counts this as a use.
   *
   * @return empty where they are gone, have another size, or must be verified first
   */
  public Optional<LinkedBlob> use(Link link) {
    if (link.kind() == LinkKind.BLOB && isDoubtful(link)) {
      return Optional.empty();
    }
    Optional<LinkedBlob> here = withBytes(link);
    here.ifPresent(blob -> catalog.use(link.repository(), link.digest(), link.kind()));
    return here;
  }

  /** As {@link #find}, but no use is counted, and nothing needs to be verified first. */
  public Optional<LinkedBlob> peek(RepositoryName repository, Digest digest, LinkKind kind) {
    return findLink(repository, digest, kind).flatMap(this::withBytes);
  }

  /** A file of another size has lost bytes: it counts as absent and is fetched again. */
  private Optional<LinkedBlob> withBytes(Link link) {
    return findBytes(link.digest(), link.size()).map(blob -> new LinkedBlob(link, blob));
  }

  /** Whether nobody has verified this blob for so long that it must be before it is served. */
  private boolean isDoubtful(Link link) {
    return !verifyAfter.isZero() && link.verifiedAt().plus(verifyAfter).isBefore(clock.instant());
  }

  /** Whether the bytes of a link are here and must be verified before they are served. */
  public boolean mustVerify(Link link) {
    return isDoubtful(link) && findBytes(link.digest()).isPresent();
  }

  /** Reads a blob as fast as the disk gives it and notes that it is sound, or quarantines it. */
  public boolean verify(Digest digest) {
    try {
      boolean sound = isSound(digest, ReadPace.FULL);
      if (sound) {
        noteSound(List.of(digest));
      }
      return sound;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ClientErrors.unavailable("verifying " + digest + " was broken off", e);
    }
  }

  /**
   * Reads a blob from end to end and quarantines one that is not sound. Blocks for as long as the
   * disk and the pace take.
   */
  boolean isSound(Digest digest, ReadPace pace) throws InterruptedException {
    try {
      boolean sound = store.verify(digest, pace);
      if (!sound) {
        log.error("Blob {} has rotted or is gone: it will be fetched again", digest);
      }
      return sound;
    } catch (IOException e) {
      throw ClientErrors.unavailable("blob " + digest + " could not be verified", e);
    }
  }

  /** Notes that blobs have just been found to be sound. */
  void noteSound(Collection<Digest> digests) {
    try {
      catalog.verified(digests, clock.instant());
    } catch (DatabaseException e) {
      throw ClientErrors.unavailable(
          "the catalog could not note as sound " + Digest.describe(digests), e);
    }
  }

  /** Whether, and as what, the upstream has given this digest to this repository. */
  public Optional<Link> findLink(RepositoryName repository, Digest digest, LinkKind kind) {
    return checked(() -> catalog.findLink(repository, digest, kind));
  }

  /** Finds bytes alone, which permit nothing. */
  public Optional<StoredBlob> findBytes(Digest digest) {
    try {
      return store.find(digest);
    } catch (IOException e) {
      throw ClientErrors.unavailable("the store could not be asked for " + digest, e);
    }
  }

  private Optional<StoredBlob> findBytes(Digest digest, long size) {
    try {
      return store.find(digest, size);
    } catch (IOException e) {
      throw ClientErrors.unavailable("the store could not be asked for " + digest, e);
    }
  }

  /**
   * Links bytes that are already here to one more repository.
   *
   * @return empty when they were evicted just before, or must be verified first
   */
  public Optional<LinkedBlob> linkExisting(RepositoryName repository, Digest digest) {
    Instant now = clock.instant();
    checked(
        () -> {
          store.whileKept(
              digest,
              () ->
                  findBytes(digest)
                      .ifPresent(
                          blob -> {
                            catalog.adopt(digest, blob.size(), now); // nobody has verified these
                            catalog.link(repository, digest, LinkKind.BLOB, blob.size(), null, now);
                            evictor.linked(digest, List.of(repository), now);
                          }));
          return now;
        });
    return find(repository, digest, LinkKind.BLOB);
  }

  /**
   * Takes a verified blob into the cache.
   *
   * @param repositories who may have it
   * @throws IOException when the disk refuses; nothing is linked then
   */
  public void store(SpoolFile sealed, Digest digest, Collection<RepositoryName> repositories)
      throws IOException {
    unindexed.suspectUnlessDone(
        () -> {
          StoredBlob blob = store.commit(sealed);
          Instant now = clock.instant();
          store.whileKept(
              digest,
              () -> {
                for (RepositoryName repository : repositories) {
                  catalog.link(repository, digest, LinkKind.BLOB, blob.size(), null, now);
                }
                catalog.verified(List.of(digest), now);
                evictor.linked(digest, repositories, now);
              });
        });
  }

  /**
   * Takes a verified manifest into the cache.
   *
   * @throws IOException when the disk refuses; nothing is linked then
   */
  public void storeManifest(RepositoryName repository, Manifest manifest) throws IOException {
    Digest digest = manifest.digest();
    Instant now = clock.instant();
    unindexed.suspectUnlessDone(
        () -> {
          if (!isSoundHere(digest)) {
            store.put(digest, manifest.bytes());
          }
          store.whileKept(
              digest,
              () -> {
                catalog.linkManifest(repository, manifest, now);
                evictor.linked(digest, List.of(repository), now);
              });
        });
  }

  private boolean isSoundHere(Digest digest) {
    try {
      Optional<StoredBlob> here = store.find(digest);
      return here.isPresent() && here.get().readSound() != null;
    } catch (IOException e) {
      return false; // then it is written anew
    }
  }

  /** Where a tag leads, if memory knows it: never asks the database. */
  public Optional<TagEntry> findKnownTag(RepositoryName repository, Tag tag) {
    return catalog.tags().inMemory(repository, tag);
  }

  /** Where a tag leads; may ask the database. */
  public Optional<TagEntry> findTag(RepositoryName repository, Tag tag) {
    return checked(() -> catalog.tags().find(repository, tag));
  }

  /** Notes where the upstream says a tag points. */
  public void putTag(RepositoryName repository, Tag tag, Digest digest, Instant at) {
    putTag(new TagEntry(repository, tag, digest, at));
  }

  /** Notes where a tag leads. */
  public void putTag(TagEntry entry) {
    try {
      catalog.tags().put(entry);
    } catch (DatabaseException e) {
      log.error("{}:{} could not be noted", entry.repository(), entry.tag(), e);
    }
  }

  /** Notes that the upstream names a digest for a tag, which may not be what clients get. */
  public void see(RepositoryName repository, Tag tag, Digest digest, Instant now) {
    checked(
        () -> {
          catalog.tags().see(repository, tag, digest, now);
          return digest;
        });
  }

  /** What the upstream has said of a tag, the latest word first. */
  public List<Sighting> history(RepositoryName repository, Tag tag) {
    return checked(() -> catalog.tags().history(repository, tag));
  }

  public void forgetTag(RepositoryName repository, Tag tag) {
    checked(
        () -> {
          catalog.tags().forget(repository, tag);
          return tag;
        });
  }

  /** The tags of a repository known here, in order. */
  public List<String> tags(RepositoryName repository, Page page) {
    return checked(() -> catalog.tags().list(repository, page));
  }

  /** The repositories known here, in order. */
  public List<String> repositories(Page page) {
    return checked(() -> catalog.repositories(page)).stream().map(RepositoryName::value).toList();
  }

  private static <T> T checked(Supplier<T> question) {
    try {
      return question.get();
    } catch (DatabaseException e) {
      throw ClientErrors.unavailable("the catalog could not be asked", e);
    }
  }
}
