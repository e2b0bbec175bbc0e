package io.entrepot.cache.tags;

import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.store.Body;
import io.entrepot.store.HeldBody;
import io.entrepot.upstream.UpstreamException;
import java.io.IOException;
import java.time.Clock;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads manifests from the store, and downloads missing ones into it. Thread-safe. */
final class StoredManifests {
  private static final Logger log = LoggerFactory.getLogger(StoredManifests.class);

  private final LocalContent content;
  private final CacheMeters meters;
  private final Clock clock;

  StoredManifests(LocalContent content, CacheMeters meters, Clock clock) {
    this.content = content;
    this.meters = meters;
    this.clock = clock;
  }

  /** Finds a manifest. May query the database, and bring the manifest back from the bucket. */
  Optional<ManifestAnswer> find(RepositoryName repository, Digest digest) {
    return content
        .find(repository, digest, LinkKind.MANIFEST)
        .or(() -> content.far().bringBack(repository, digest))
        .flatMap(StoredManifests::read);
  }

  /** Finds a manifest whose link is in memory. Never queries the database. */
  Optional<ManifestAnswer> findKnown(RepositoryName repository, Digest digest) {
    return content.findKnown(repository, digest, LinkKind.MANIFEST).flatMap(StoredManifests::read);
  }

  /**
   * Makes a lookup that runs when its result is needed.
   *
   * @param query whether the database may be queried; else only a manifest whose link is in memory
   *     is found
   */
  LazyLookup lazyLookup(RepositoryName repository, Digest digest, boolean query) {
    return new LazyLookup(repository, digest, query);
  }

  /** A lookup of a manifest, which runs at most once. Used by one thread. */
  final class LazyLookup {
    private final RepositoryName repository;
    private final Digest digest;
    private final boolean query;
    private boolean done;
    private @Nullable ManifestAnswer found;

    private LazyLookup(RepositoryName repository, Digest digest, boolean query) {
      this.repository = repository;
      this.digest = digest;
      this.query = query;
    }

    boolean isHere() {
      return lookUp() != null;
    }

    /** The manifest. Only if it is stored. */
    ManifestAnswer answer() {
      return Objects.requireNonNull(lookUp());
    }

    private @Nullable ManifestAnswer lookUp() {
      if (!done) {
        found = (query ? find(repository, digest) : findKnown(repository, digest)).orElse(null);
        done = true;
      }
      return found;
    }
  }

  /** Reads a stored manifest. A damaged manifest is treated as absent and is fetched again. */
  private static Optional<ManifestAnswer> read(LinkedBlob stored) {
    Digest digest = stored.link().digest();
    try {
      Link link = stored.link();
      if (link.mediaType() != null && stored.isSound()) {
        String type = type(stored, link.mediaType());
        return Optional.of(
            ManifestAnswer.of(stored.blob(), type, digest, CacheOutcome.HIT, link.fetchedAt()));
      }
      log.error("Manifest {} in the store is damaged or gone; it will be fetched again", digest);
    } catch (IOException | OciException e) {
      log.error("Manifest {} in the store cannot be read; it will be fetched again", digest, e);
    }
    return Optional.empty();
  }

  /**
   * The media type of a stored manifest. Older versions of this cache have stored whatever the
   * upstream said, such as {@code text/html}; then the body tells the type (S33).
   */
  private static String type(LinkedBlob stored, String known) throws IOException {
    if (Manifest.isType(known)) {
      return known;
    }
    byte[] bytes = stored.readSound();
    return bytes == null
        ? "application/octet-stream"
        : Manifest.read(stored.link().digest(), null, bytes).mediaType();
  }

  /** Fetches a manifest from the upstream and stores it. */
  ManifestAnswer download(PullRequest pull, Digest digest) throws UpstreamException {
    return keep(pull, pull.source().fetchManifest(digest, pull.cost()));
  }

  /** Stores a manifest that the upstream has sent. If it cannot be stored, it is still served. */
  ManifestAnswer keep(PullRequest pull, Manifest manifest) {
    Digest digest = manifest.digest();
    meters.pulledManifest(pull.source(), manifest.bytes().length);
    Body body = new HeldBody(manifest.bytes());
    CacheOutcome outcome = CacheOutcome.PASSED;
    try {
      body = content.storeManifest(pull.repository(), manifest);
      outcome = CacheOutcome.MISS;
    } catch (IOException | RuntimeException e) {
      meters.notKept("Manifest " + digest + " of " + pull.repository(), e);
    }
    return ManifestAnswer.of(body, manifest.mediaType(), digest, outcome, clock.instant());
  }
}
