package io.entrepot.cache;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.database.DatabaseException;
import io.entrepot.expiry.Evictor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.spool.Rooms;
import io.entrepot.spool.SpoolFile;
import io.entrepot.store.BlobGoneException;
import io.entrepot.store.BlobStore;
import io.entrepot.store.ReadPace;
import io.entrepot.store.StoredBlob;
import io.entrepot.threads.OnceAMinute;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The local content: bytes in the store, links in the catalog, and leases. They are always changed
 * together, in an order that a crash may interrupt anywhere without harm. Repositories share bytes,
 * but not permission (S5): content is found only if the same repository has a link to it.
 * Thread-safe.
 */
public final class LocalContent {
  private static final Logger log = LoggerFactory.getLogger(LocalContent.class);

  private final BlobStore store;
  private final Catalog catalog;
  private final UnindexedBlobs unindexed;
  private final Evictor evictor;
  private final LinkQuotas quotas;
  private final Duration verifyAfter;
  private final Clock clock;
  private final OnceAMinute due = new OnceAMinute();
  private final SmallBlobs small = new SmallBlobs();
  private final FarContent far;
  private final CatalogCalls calls = new CatalogCalls();
  private final LocalTags tags;

  /**
   * Wires the collaborators.
   *
   * @param rooms how much each upstream may have here
   * @param verifyAfter after how long the bytes of a blob are verified again before it is served;
   *     zero for never
   */
  public LocalContent(
      BlobStore store,
      Catalog catalog,
      UnindexedBlobs unindexed,
      Evictor evictor,
      Rooms rooms,
      Duration verifyAfter,
      Clock clock) {
    this.store = store;
    this.catalog = catalog;
    this.unindexed = unindexed;
    this.evictor = evictor;
    this.quotas = new LinkQuotas(rooms, this::isLinkedBy);
    this.verifyAfter = verifyAfter;
    this.clock = clock;
    this.tags = new LocalTags(catalog.tags(), calls);
    this.far = new FarContent(this, store, calls);
  }

  /** What is known here about tags. */
  public LocalTags tags() {
    return tags;
  }

  /**
   * Finds content for a repository. May query the database.
   *
   * @throws io.entrepot.oci.OciException with {@code UNAVAILABLE} if the database or the store
   *     fails (F19)
   */
  public Optional<LinkedBlob> find(RepositoryName repository, Digest digest, LinkKind kind) {
    return findLink(repository, digest, kind).flatMap(this::find);
  }

  /**
   * Like {@link #find}, but finds only content whose link is in memory. Never queries the database.
   */
  public Optional<LinkedBlob> findKnown(RepositoryName repository, Digest digest, LinkKind kind) {
    return catalog.linkInMemory(repository, digest, kind).flatMap(this::find);
  }

  /**
   * Finds the bytes of a link.
   *
   * @return empty if the bytes are gone, have another size, or must be verified first
   */
  public Optional<LinkedBlob> find(Link link) {
    return link.kind() == LinkKind.BLOB && isDoubtful(link) ? Optional.empty() : withBytes(link);
  }

  /** What the store has, but not near. */
  public FarContent far() {
    return far;
  }

  /** Counts that a client uses content that was found. Never waits. */
  public void use(RepositoryName repository, Digest digest, LinkKind kind) {
    catalog.use(repository, digest, kind);
  }

  /** Like {@link #find}, but also finds content that must be verified first. */
  public Optional<LinkedBlob> peek(RepositoryName repository, Digest digest, LinkKind kind) {
    return findLink(repository, digest, kind).flatMap(this::withBytes);
  }

  /**
   * Finds the bytes of a link. A file of another size has lost bytes: it is treated as absent, and
   * fetched again.
   */
  private Optional<LinkedBlob> withBytes(Link link) {
    return findBytes(link.digest(), link.size()).map(blob -> new LinkedBlob(link, blob));
  }

  /**
   * Whether the last verification of a blob is so long ago that it must be verified before it is
   * served.
   */
  private boolean isDoubtful(Link link) {
    return !verifyAfter.isZero() && link.verifiedAt().plus(verifyAfter).isBefore(clock.instant());
  }

  /** Whether the bytes of a link are stored and must be verified before they are served. */
  public boolean mustVerify(Link link) {
    return isDoubtful(link) && findBytes(link.digest()).isPresent();
  }

  /**
   * Verifies a blob at the full speed of the disk. Records that it is intact, or quarantines it.
   *
   * @return whether it is here and intact
   */
  public boolean verify(Digest digest) {
    try {
      boolean sound = isSound(digest, ReadPace.FULL);
      if (sound) {
        noteSound(List.of(digest));
      }
      return sound;
    } catch (BlobGoneException e) {
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ClientErrors.unavailable("the verification of " + digest + " was interrupted", e);
    }
  }

  /**
   * Reads a whole blob, and quarantines it if it is damaged. Blocks; {@code pace} limits the speed.
   *
   * @throws BlobGoneException if it is absent
   */
  boolean isSound(Digest digest, ReadPace pace) throws InterruptedException, BlobGoneException {
    try {
      boolean sound = store.verify(digest, pace);
      if (!sound) {
        log.error("Blob {} in the store is damaged; it will be fetched again", digest);
      }
      return sound;
    } catch (BlobGoneException e) {
      noteGone(digest);
      throw e;
    } catch (IOException e) {
      throw ClientErrors.unavailable("blob " + digest + " could not be verified", e);
    }
  }

  /** Logs that a blob is missing. An evicted blob has no link any more: that is ordinary (F30). */
  private void noteGone(Digest digest) {
    if (isLinked(digest) && due.isDue("missing")) {
      log.error(
          "Blob {} is missing in the store, or cannot be read; it will be fetched again. More such"
              + " blobs are logged once a minute",
          digest);
    }
  }

  /** Records in the catalog that blobs were just verified and are intact. */
  void noteSound(Collection<Digest> digests) {
    try {
      catalog.blobs().verified(digests, clock.instant());
    } catch (DatabaseException e) {
      throw ClientErrors.unavailable(
          "the catalog could not record the verification of " + Digest.describe(digests), e);
    }
  }

  /**
   * Finds the link from a repository to a digest. It exists if the upstream has served the digest
   * for this repository.
   */
  public Optional<Link> findLink(RepositoryName repository, Digest digest, LinkKind kind) {
    return calls.ask(() -> catalog.findLink(repository, digest, kind));
  }

  /** Whether any repository has a link to a digest. */
  public boolean isLinked(Digest digest) {
    return calls.ask(() -> !catalog.links(digest).isEmpty());
  }

  /** Whether an upstream has sent a digest: one of its repositories has a link to it. */
  public boolean isLinkedBy(String upstream, Digest digest) {
    return calls.ask(() -> catalog.isLinkedBy(upstream, digest));
  }

  /** Finds bytes in the store, without a link. They must not be served for this reason alone. */
  public Optional<StoredBlob> findBytes(Digest digest) {
    try {
      return store.find(digest);
    } catch (IOException e) {
      throw ClientErrors.unavailable("the store could not look up " + digest, e);
    }
  }

  private Optional<StoredBlob> findBytes(Digest digest, long size) {
    try {
      return store.find(digest, size);
    } catch (IOException e) {
      throw ClientErrors.unavailable("the store could not look up " + digest, e);
    }
  }

  /**
   * Links a repository to bytes that are already stored.
   *
   * @return empty if the bytes were evicted just before, must be verified first, the quota of the
   *     upstream has no room for them, or the database takes no link
   */
  public Optional<LinkedBlob> linkExisting(RepositoryName repository, Digest digest) {
    try {
      long size = findBytes(digest).map(StoredBlob::size).orElse(0L);
      quotas.within(repository, digest, size, () -> link(repository, digest));
    } catch (IOException e) {
      log.debug("{} is not linked to {}: {}", repository, digest, e.getMessage());
    }
    return find(repository, digest, LinkKind.BLOB);
  }

  private void link(RepositoryName repository, Digest digest) {
    Instant now = clock.instant();
    calls.record(
        "the link of " + repository + " to " + digest,
        () ->
            store.whileKept(
                digest,
                () ->
                    findBytes(digest)
                        .ifPresent(
                            blob -> {
                              catalog
                                  .blobs()
                                  .adopt(digest, blob.size(), now); // without a verification
                              catalog.link(
                                  repository, digest, LinkKind.BLOB, blob.size(), null, now);
                              evictor.linked(digest, List.of(repository), now);
                            })));
  }

  /**
   * Stores a verified blob.
   *
   * @param repositories the repositories that may serve it
   * @throws IOException if the disk fails; then nothing is linked
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
                catalog.linkVerified(repositories, digest, blob.size(), now);
                evictor.linked(digest, repositories, now);
              });
          sealed.noteLinked();
        });
  }

  /**
   * Stores a verified manifest.
   *
   * @return its stored bytes
   * @throws IOException if the disk fails, or the quota has no room; then nothing is linked
   */
  public StoredBlob storeManifest(RepositoryName repository, Manifest manifest) throws IOException {
    quotas.warnIfTooLarge(repository, manifest);
    AtomicReference<@Nullable StoredBlob> stored = new AtomicReference<>();
    quotas.within(
        repository,
        manifest.digest(),
        manifest.bytes().length,
        () -> stored.set(keepManifest(repository, manifest)));
    return Objects.requireNonNull(stored.get());
  }

  private StoredBlob keepManifest(RepositoryName repository, Manifest manifest) throws IOException {
    Digest digest = manifest.digest();
    Instant now = clock.instant();
    AtomicReference<@Nullable StoredBlob> stored = new AtomicReference<>();
    unindexed.suspectUnlessDone(
        () -> {
          Optional<StoredBlob> here = soundHere(digest);
          stored.set(here.isPresent() ? here.get() : store.put(digest, manifest.bytes()));
          small.note(manifest);
          store.whileKept(
              digest,
              () -> {
                catalog.linkManifest(repository, manifest, now);
                evictor.linked(digest, List.of(repository), now);
              });
        });
    return Objects.requireNonNull(stored.get());
  }

  /**
   * Whether a manifest that was stored lately says that this blob is small. It need not be true.
   */
  public boolean isListedSmall(Digest digest) {
    return small.contains(digest);
  }

  private Optional<StoredBlob> soundHere(Digest digest) {
    try {
      Optional<StoredBlob> here = store.find(digest);
      return here.isPresent() && here.get().isSound() ? here : Optional.empty();
    } catch (IOException e) {
      return Optional.empty(); // then it is written again
    }
  }

  /** The stored repositories whose names begin with {@code prefix}, sorted, from one name on. */
  public List<RepositoryName> repositories(String prefix, String after, int max) {
    return calls.ask(() -> catalog.repositories().names(prefix, after, max));
  }
}
