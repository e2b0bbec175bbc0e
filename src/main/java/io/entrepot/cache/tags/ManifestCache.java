package io.entrepot.cache.tags;

import io.entrepot.cache.Absences;
import io.entrepot.cache.Asks;
import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.Denials;
import io.entrepot.cache.LinkedBlob;
import io.entrepot.cache.LocalContent;
import io.entrepot.catalog.Deviation;
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
import io.entrepot.routing.Freshness;
import io.entrepot.routing.StaleDeadline;
import io.entrepot.routing.TagPolicy;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.io.IOException;
import java.time.Clock;
import java.util.Locale;
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

  private final LocalContent shelf;
  private final Upstream upstream;
  private final Asks asks;
  private final Absences absences;
  private final Function<RepositoryName, StaleDeadline> deadlines;
  private final TagPolicy policy;
  private final TagResolver resolver;
  private final CacheMeters meters;
  private final Clock clock;

  private final Denials denials = new Denials();
  private final MovedTagChecks lookout = new MovedTagChecks();

  /** Wires the collaborators. */
  public ManifestCache(
      LocalContent shelf,
      Upstream upstream,
      Asks asks,
      Absences absences,
      Function<RepositoryName, StaleDeadline> deadlines,
      TagPolicy policy,
      CacheMeters meters,
      Clock clock) {
    this.shelf = shelf;
    this.upstream = upstream;
    this.asks = asks;
    this.absences = absences;
    this.deadlines = deadlines;
    this.policy = policy;
    this.resolver = new TagResolver(shelf, upstream, policy, meters, clock);
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * Finds a manifest that can be served without waiting for the upstream: by digest when it is
   * here, by tag while it is fresh, within the stale window after that, or while the upstream's
   * quota is scarce.
   *
   * @throws OciException when that cannot be checked
   */
  public Optional<ManifestAnswer> find(RepositoryName repository, Reference reference) {
    if (reference instanceof Digest digest) {
      return held(repository, digest);
    }
    return shelf.findTag(repository, (Tag) reference).flatMap(this::findWithoutAsking);
  }

  private Optional<ManifestAnswer> findWithoutAsking(TagEntry entry) {
    RepositoryName repository = entry.repository();
    Freshness freshness = policy.freshness().apply(repository);
    Freshness.State state = freshness.stateOf(entry, clock.instant());
    if (state == Freshness.State.FRESH) {
      Optional<ManifestAnswer> answer = held(entry, CacheOutcome.HIT, null);
      if (answer.isPresent() && freshness.isImmutable(entry.tag())) {
        lookBehind(entry);
      }
      return answer;
    }
    if (isRefused(repository, entry.tag())) {
      return Optional.empty();
    }
    if (policy.scarce().test(repository)) {
      return held(entry, CacheOutcome.STALE, "the quota of the upstream is scarce")
          .map(answer -> answer.detail("scarce"));
    }
    return state == Freshness.State.LATE ? holdAndAsk(entry) : Optional.empty();
  }

  /** Nobody waits for what the upstream says to a tag that never moves, and nobody gets it. */
  private void lookBehind(TagEntry entry) {
    RepositoryName repository = entry.repository();
    String question = question(repository, entry.tag());
    if (!policy.scarce().test(repository)
        && lookout.isDue(question, entry.resolvedAt(), clock.instant())) {
      var unused = asks.ask(repository, "look:" + question, () -> look(entry));
    }
  }

  private boolean look(TagEntry entry) {
    RepositoryName repository = entry.repository();
    try {
      TagResolver.Target target = resolver.resolve(repository, entry.tag(), new Cost());
      if (target.digest().equals(entry.digest())) {
        putTag(repository, entry.tag(), target);
      }
      return true;
    } catch (UpstreamException e) {
      log.debug(
          "Whether {}:{} has moved is not known: {}", repository, entry.tag(), e.getMessage());
      return false;
    }
  }

  private TagEntry putTag(RepositoryName repository, Tag tag, TagResolver.Target target) {
    TagEntry entry =
        new TagEntry(
            repository,
            tag,
            target.digest(),
            clock.instant(),
            target.told().freshFor(),
            target.deviation());
    shelf.putTag(entry);
    return entry;
  }

  /** The client gets what is here; the question is asked on nobody's account. */
  private Optional<ManifestAnswer> holdAndAsk(TagEntry entry) {
    Optional<ManifestAnswer> answer = held(entry, CacheOutcome.HIT, null);
    if (answer.isPresent()) {
      var unused = askForTag(entry.repository(), entry.tag(), new Cost());
    }
    return answer.map(a -> a.detail() == null ? a.detail("revalidating") : a);
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
      String question = question(repository, digest);
      return absences.unlessKnown(
          repository,
          question,
          () -> asks.ask(repository, question, () -> fetchDigest(repository, digest, cost)));
    }
    Tag tag = (Tag) reference;
    CompletableFuture<ManifestAnswer> decided = askForTag(repository, tag, cost);
    if (decided.isDone()) {
      return decided;
    }
    StaleDeadline deadline = deadlines.apply(repository);
    return deadline.orElse(
        decided,
        () ->
            shelf
                .findTag(repository, tag)
                .filter(entry -> !isRefused(repository, tag))
                .flatMap(
                    entry ->
                        held(entry, CacheOutcome.STALE, "the upstream has not answered in time")));
  }

  private CompletableFuture<ManifestAnswer> askForTag(
      RepositoryName repository, Tag tag, Cost cost) {
    String question = question(repository, tag);
    return absences.unlessKnown(
        repository,
        question,
        () -> asks.ask(repository, question, () -> revalidate(repository, tag, cost)));
  }

  /** What a request is known by to those who note its answer. */
  public static String question(RepositoryName repository, Reference reference) {
    return reference instanceof Digest
        ? "manifest:" + repository + "@" + reference
        : "tag:" + repository + ":" + reference;
  }

  /** Whether the upstream has last refused to say where a tag points. */
  public boolean isRefused(RepositoryName repository, Tag tag) {
    return denials.has(question(repository, tag));
  }

  private ManifestAnswer fetchDigest(RepositoryName repository, Digest digest, Cost cost) {
    try {
      Optional<ManifestAnswer> stored = held(repository, digest);
      return stored.isPresent() ? stored.get() : download(repository, digest, cost);
    } catch (UpstreamException e) {
      throw ClientErrors.of(e, OciError.MANIFEST_UNKNOWN);
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
        manifest.bytes(),
        manifest.mediaType(),
        digest,
        CacheOutcome.MISS,
        clock.instant(),
        null,
        null);
  }

  /** Asks where the tag points now. One HEAD when it has not moved. */
  private ManifestAnswer revalidate(RepositoryName repository, Tag tag, Cost cost) {
    try {
      TagResolver.Target target = resolver.resolve(repository, tag, cost);
      ManifestAnswer answer = obtain(repository, tag, target, cost);
      TagEntry entry = putTag(repository, tag, target);
      denials.lift(question(repository, tag));
      boolean stored = answer.outcome() == CacheOutcome.HIT;
      return answer
          .as(stored ? CacheOutcome.REVALIDATED : CacheOutcome.MISS, entry.resolvedAt(), null)
          .detail(detail(target.deviation()));
    } catch (UpstreamException e) {
      return withoutUpstream(repository, tag, e);
    }
  }

  private ManifestAnswer obtain(
      RepositoryName repository, Tag tag, TagResolver.Target target, Cost cost)
      throws UpstreamException {
    Optional<ManifestAnswer> stored = held(repository, target.digest());
    if (stored.isPresent()) {
      return stored.get();
    }
    try {
      return download(repository, target.digest(), cost);
    } catch (UpstreamException e) {
      if (target.deviation() != null && e.failure() == Failure.NOT_FOUND) {
        throw target.lost(repository, tag);
      }
      throw e;
    }
  }

  private ManifestAnswer withoutUpstream(
      RepositoryName repository, Tag tag, UpstreamException failure) {
    boolean deleted = failure.failure() == Failure.NOT_FOUND;
    if (ClientErrors.leavesOpen(failure)
        || (deleted && policy.freshness().apply(repository).keepDeleted())) {
      Optional<ManifestAnswer> stale =
          shelf
              .findTag(repository, tag)
              .filter(entry -> !isRefused(repository, tag))
              .flatMap(entry -> held(entry, CacheOutcome.STALE, failure.getMessage()));
      if (stale.isPresent()) {
        log.debug("Serving {}:{} stale: {}", repository, tag, failure.getMessage());
        return stale.get();
      }
    } else if (deleted) {
      shelf.forgetTag(repository, tag);
    } else {
      denials.note(question(repository, tag));
    }
    throw ClientErrors.of(failure, OciError.MANIFEST_UNKNOWN);
  }

  private Optional<ManifestAnswer> held(
      TagEntry entry, CacheOutcome outcome, @Nullable String warning) {
    return held(entry.repository(), entry.digest())
        .map(
            answer ->
                answer
                    .as(outcome, entry.resolvedAt(), warning)
                    .detail(warning == null ? detail(entry.deviation()) : null));
  }

  private static @Nullable String detail(@Nullable Deviation deviation) {
    return deviation == null ? null : deviation.name().toLowerCase(Locale.ROOT);
  }

  /** Reads a manifest from the shelf; one that has rotted counts as absent and is fetched again. */
  private Optional<ManifestAnswer> held(RepositoryName repository, Digest digest) {
    Optional<LinkedBlob> shelved = shelf.find(repository, digest, LinkKind.MANIFEST);
    if (shelved.isEmpty()) {
      return Optional.empty();
    }
    try {
      byte[] bytes = shelved.get().blob().readSound();
      Link link = shelved.get().link();
      if (link.mediaType() != null && bytes != null) {
        return Optional.of(
            new ManifestAnswer(
                bytes, link.mediaType(), digest, CacheOutcome.HIT, link.fetchedAt(), null, null));
      }
      log.error("Manifest {} in the store is damaged: it is fetched again", digest);
    } catch (IOException e) {
      log.error("Manifest {} in the store cannot be read: it is fetched again", digest, e);
    }
    return Optional.empty();
  }
}
