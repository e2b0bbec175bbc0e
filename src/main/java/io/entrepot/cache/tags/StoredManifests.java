package io.entrepot.cache.tags;

import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
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

  /** Finds a manifest. May query the database. */
  Optional<ManifestAnswer> find(RepositoryName repository, Digest digest) {
    return content.find(repository, digest, LinkKind.MANIFEST).flatMap(StoredManifests::read);
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
      byte[] bytes = stored.readSound();
      Link link = stored.link();
      if (link.mediaType() != null && bytes != null) {
        return Optional.of(
            ManifestAnswer.of(bytes, link.mediaType(), digest, CacheOutcome.HIT, link.fetchedAt()));
      }
      log.error("Manifest {} in the store is damaged or gone; it will be fetched again", digest);
    } catch (IOException e) {
      log.error("Manifest {} in the store cannot be read; it will be fetched again", digest, e);
    }
    return Optional.empty();
  }

  /** Fetches a manifest from the upstream and stores it. */
  ManifestAnswer download(PullRequest pull, Digest digest) throws UpstreamException {
    return keep(pull, pull.source().fetchManifest(digest, pull.cost()));
  }

  /** Stores a manifest that the upstream has sent. If it cannot be stored, it is still served. */
  ManifestAnswer keep(PullRequest pull, Manifest manifest) {
    Digest digest = manifest.digest();
    meters.pulledManifest(pull.source(), manifest.bytes().length);
    CacheOutcome outcome = CacheOutcome.MISS;
    try {
      content.storeManifest(pull.repository(), manifest);
    } catch (IOException | RuntimeException e) {
      outcome = CacheOutcome.PASSED;
      meters.notKept("Manifest " + digest + " of " + pull.repository(), e);
    }
    return ManifestAnswer.of(
        manifest.bytes(), manifest.mediaType(), digest, outcome, clock.instant());
  }
}
