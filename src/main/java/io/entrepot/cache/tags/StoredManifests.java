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

/** The manifests in the store, and how they get there. Thread-safe. */
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

  /** Finds a manifest; may ask the database. */
  Optional<ManifestAnswer> find(RepositoryName repository, Digest digest) {
    return content.find(repository, digest, LinkKind.MANIFEST).flatMap(StoredManifests::read);
  }

  /** Finds a manifest of which memory has the link; never asks the database. */
  private Optional<ManifestAnswer> findKnown(RepositoryName repository, Digest digest) {
    return content.findKnown(repository, digest, LinkKind.MANIFEST).flatMap(StoredManifests::read);
  }

  /**
   * A manifest that is looked for when somebody wants to know.
   *
   * @param ask whether the database may be asked; else only what memory has a link of is found
   */
  Lazily lazily(RepositoryName repository, Digest digest, boolean ask) {
    return new Lazily(repository, digest, ask);
  }

  /** A manifest that may be here; looked for once at most. Used by one thread. */
  final class Lazily {
    private final RepositoryName repository;
    private final Digest digest;
    private final boolean ask;
    private boolean looked;
    private @Nullable ManifestAnswer found;

    private Lazily(RepositoryName repository, Digest digest, boolean ask) {
      this.repository = repository;
      this.digest = digest;
      this.ask = ask;
    }

    boolean isHere() {
      return look() != null;
    }

    /** The manifest, which is here. */
    ManifestAnswer answer() {
      return Objects.requireNonNull(look());
    }

    private @Nullable ManifestAnswer look() {
      if (!looked) {
        found = (ask ? find(repository, digest) : findKnown(repository, digest)).orElse(null);
        looked = true;
      }
      return found;
    }
  }

  /** Reads a stored manifest; one that has rotted counts as absent and is fetched again. */
  private static Optional<ManifestAnswer> read(LinkedBlob stored) {
    Digest digest = stored.link().digest();
    try {
      byte[] bytes = stored.readSound();
      Link link = stored.link();
      if (link.mediaType() != null && bytes != null) {
        return Optional.of(
            ManifestAnswer.of(bytes, link.mediaType(), digest, CacheOutcome.HIT, link.fetchedAt()));
      }
      log.error("Manifest {} in the store is damaged: it is fetched again", digest);
    } catch (IOException e) {
      log.error("Manifest {} in the store cannot be read: it is fetched again", digest, e);
    }
    return Optional.empty();
  }

  /** Fetches a manifest from the upstream and stores it. Where that fails it is served unstored. */
  ManifestAnswer download(PullRequest pull, Digest digest) throws UpstreamException {
    Manifest manifest = pull.source().fetchManifest(digest, pull.cost());
    meters.pulledManifest(pull.source(), manifest.bytes().length);
    try {
      content.storeManifest(pull.repository(), manifest);
    } catch (IOException | RuntimeException e) {
      meters.notKept();
      log.error("Manifest {} of {} was served but could not be kept", digest, pull.repository(), e);
    }
    return ManifestAnswer.of(
        manifest.bytes(), manifest.mediaType(), digest, CacheOutcome.MISS, clock.instant());
  }
}
