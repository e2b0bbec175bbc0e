package io.entrepot.cache;

import io.entrepot.catalog.Link;
import io.entrepot.catalog.LinkKind;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Reference;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The front door to manifests: a tag is resolved to a digest, a digest is served from the shelf or
 * fetched, and an older answer stands in while the upstream leaves the question open. Nothing here
 * blocks the caller. Thread-safe.
 */
public final class ManifestCache {
  private static final Logger log = LoggerFactory.getLogger(ManifestCache.class);

  private final Shelf shelf;
  private final Upstream upstream;
  private final Asks asks;
  private final Function<RepositoryName, Deadline> deadlines;
  private final Function<RepositoryName, Freshness> freshness;
  private final CacheMeters meters;
  private final Clock clock;

  public ManifestCache(
      Shelf shelf,
      Upstream upstream,
      Asks asks,
      Function<RepositoryName, Deadline> deadlines,
      Function<RepositoryName, Freshness> freshness,
      CacheMeters meters,
      Clock clock) {
    this.shelf = shelf;
    this.upstream = upstream;
    this.asks = asks;
    this.deadlines = deadlines;
    this.freshness = freshness;
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * Finds a manifest that can be served without asking the upstream: by digest when it is here, by
   * tag when it was resolved within the revalidate interval.
   *
   * @throws OciException when that cannot be checked
   */
  public Optional<ManifestAnswer> find(RepositoryName repository, Reference reference) {
    if (reference instanceof Digest digest) {
      return held(repository, digest);
    }
    return shelf
        .findTag(repository, (Tag) reference)
        .filter(entry -> freshness.apply(repository).isFresh(entry.resolvedAt(), clock.instant()))
        .flatMap(entry -> held(entry, CacheOutcome.HIT, null));
  }

  /**
   * Gets a manifest that {@link #find} did not find.
   *
   * @param cost counts the upstream requests made for this client
   * @return fails with an {@link OciException}
   */
  public CompletableFuture<ManifestAnswer> fetch(
      RepositoryName repository, Reference reference, Cost cost) {
    if (reference instanceof Digest digest) {
      return asks.ask(
          "manifest:" + repository + "@" + digest, () -> fetchDigest(repository, digest, cost));
    }
    Tag tag = (Tag) reference;
    CompletableFuture<ManifestAnswer> decided =
        asks.ask("tag:" + repository + ":" + tag, () -> revalidate(repository, tag, cost));
    if (decided.isDone()) {
      return decided;
    }
    Deadline deadline = deadlines.apply(repository);
    return deadline.orElse(
        decided,
        () ->
            shelf
                .findTag(repository, tag)
                .flatMap(
                    entry ->
                        held(entry, CacheOutcome.STALE, "the upstream has not answered in time")));
  }

  private ManifestAnswer fetchDigest(RepositoryName repository, Digest digest, Cost cost) {
    try {
      Optional<ManifestAnswer> stored = held(repository, digest);
      return stored.isPresent() ? stored.get() : download(repository, digest, cost);
    } catch (UpstreamException e) {
      throw Failures.of(e, OciError.MANIFEST_UNKNOWN);
    }
  }

  private ManifestAnswer download(RepositoryName repository, Digest digest, Cost cost)
      throws UpstreamException {
    Manifest manifest = upstream.fetchManifest(repository, digest, cost);
    meters.pulledManifest(repository, manifest.bytes().length);
    try {
      shelf.shelveManifest(repository, manifest);
    } catch (IOException | RuntimeException e) {
      meters.notKept();
      log.error("Manifest {} of {} was served but could not be kept", digest, repository, e);
    }
    return new ManifestAnswer(
        manifest.bytes(), manifest.mediaType(), digest, CacheOutcome.MISS, clock.instant(), null);
  }

  /** Asks where the tag points now. One HEAD when it has not moved. */
  private ManifestAnswer revalidate(RepositoryName repository, Tag tag, Cost cost) {
    try {
      Digest digest = upstream.resolve(repository, tag, cost);
      Optional<ManifestAnswer> stored = held(repository, digest);
      ManifestAnswer answer =
          stored.isPresent() ? stored.get() : download(repository, digest, cost);
      Instant now = clock.instant();
      shelf.putTag(repository, tag, digest, now);
      CacheOutcome outcome = stored.isPresent() ? CacheOutcome.REVALIDATED : CacheOutcome.MISS;
      return answer.as(outcome, now, null);
    } catch (UpstreamException e) {
      return withoutUpstream(repository, tag, e);
    }
  }

  private ManifestAnswer withoutUpstream(
      RepositoryName repository, Tag tag, UpstreamException failure) {
    boolean deleted = failure.failure() == Failure.NOT_FOUND;
    if (Failures.leavesOpen(failure) || (deleted && freshness.apply(repository).keepDeleted())) {
      Optional<ManifestAnswer> stale =
          shelf
              .findTag(repository, tag)
              .flatMap(entry -> held(entry, CacheOutcome.STALE, failure.getMessage()));
      if (stale.isPresent()) {
        log.debug("Serving {}:{} stale: {}", repository, tag, failure.getMessage());
        return stale.get();
      }
    } else if (deleted) {
      shelf.forgetTag(repository, tag);
    }
    throw Failures.of(failure, OciError.MANIFEST_UNKNOWN);
  }

  private Optional<ManifestAnswer> held(
      TagEntry entry, CacheOutcome outcome, @Nullable String warning) {
    return held(entry.repository(), entry.digest())
        .map(answer -> answer.as(outcome, entry.resolvedAt(), warning));
  }

  /** Reads a manifest from the shelf; one that has rotted counts as absent and is fetched again. */
  private Optional<ManifestAnswer> held(RepositoryName repository, Digest digest) {
    Optional<Shelved> shelved = shelf.find(repository, digest, LinkKind.MANIFEST);
    if (shelved.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] bytes = shelved.get().blob().readAll();
      Link link = shelved.get().link();
      if (link.mediaType() != null && digest.matches(bytes)) {
        return Optional.of(
            new ManifestAnswer(
                bytes, link.mediaType(), digest, CacheOutcome.HIT, link.fetchedAt(), null));
      }
      log.error("Manifest {} in the store is damaged: it is fetched again", digest);
    } catch (IOException e) {
      log.error("Manifest {} in the store cannot be read: it is fetched again", digest, e);
    }
    return Optional.empty();
  }
}
