package io.entrepot.cache.tags;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Manifest;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Clock;
import java.util.Optional;

/**
 * The upstream's word about tags: the digest that each has now, and the manifest of that digest.
 * Blocks. Thread-safe.
 */
final class AskedTags {
  private final StoredManifests stored;
  private final ClientTags tags;
  private final TagResolver resolver;
  private final Clock clock;

  AskedTags(StoredManifests stored, ClientTags tags, TagResolver resolver, Clock clock) {
    this.stored = stored;
    this.tags = tags;
    this.resolver = resolver;
    this.clock = clock;
  }

  /**
   * Asks the upstream for the digest of a tag. If the tag has not moved, that is one HEAD request.
   * A HEAD is a hint: where its digest cannot be had, one GET of the tag decides.
   */
  ManifestAnswer ask(PullRequest pull, Tag tag) throws UpstreamException {
    Optional<ManifestAnswer> believed = believed(pull, tag);
    if (believed.isPresent()) {
      return believed.get();
    }
    TagResolver.Target told = resolver.resolve(pull.source(), tag, pull.cost());
    try {
      return answer(pull, tag, told);
    } catch (UpstreamException e) {
      boolean isWrong = e.failure() == Failure.NOT_FOUND || e.isUnusable();
      if (!isWrong || told.deviation() != null || told.resolution().manifest() != null) {
        throw e;
      }
      return answer(pull, tag, fetch(pull, tag, told, e));
    }
  }

  private TagResolver.Target fetch(
      PullRequest pull, Tag tag, TagResolver.Target told, UpstreamException wrong)
      throws UpstreamException {
    try {
      return resolver.fetch(pull.source(), tag, pull.cost());
    } catch (UpstreamException e) {
      if (e.failure() != Failure.NOT_FOUND) {
        throw e;
      }
      // A replica that lags: the HEAD has said that the tag is there, and only a 404 for the tag
      // itself says that it is gone.
      throw new UpstreamException(
          Failure.INVALID,
          "the upstream says that %s is %s, but does not have that manifest yet"
              .formatted(tag, told.digest()),
          null,
          wrong);
    }
  }

  private ManifestAnswer answer(PullRequest pull, Tag tag, TagResolver.Target target)
      throws UpstreamException {
    ManifestAnswer answer = obtain(pull, tag, target);
    TagEntry entry = putTag(pull.source(), tag, target);
    CacheOutcome how =
        answer.outcome() == CacheOutcome.HIT ? CacheOutcome.REVALIDATED : answer.outcome();
    return answer
        .as(how, entry.resolvedAt(), null)
        .detail(ManifestFacts.detail(target.deviation()));
  }

  /**
   * Where another node has resolved the tag a short time ago and only the manifest is missing here,
   * that is fetched by its digest. Empty if the upstream must say where the tag leads.
   */
  private Optional<ManifestAnswer> believed(PullRequest pull, Tag tag) throws UpstreamException {
    Source source = pull.source();
    TagEntry entry = source.isGranted() ? tags.find(source, tag).orElse(null) : null;
    if (entry == null
        || ManifestFacts.state(source, entry, clock.instant()) != Freshness.State.FRESH) {
      return Optional.empty();
    }
    try {
      ManifestAnswer answer = stored.download(pull, entry.digest());
      return Optional.of(
          answer
              .as(answer.outcome(), entry.resolvedAt(), null)
              .detail(ManifestFacts.detail(entry.deviation())));
    } catch (UpstreamException e) {
      if (e.failure() != Failure.NOT_FOUND) {
        throw e;
      }
      return Optional.empty(); // it has moved, and the upstream has deleted what it led to
    }
  }

  private ManifestAnswer obtain(PullRequest pull, Tag tag, TagResolver.Target target)
      throws UpstreamException {
    Optional<ManifestAnswer> here = stored.find(pull.repository(), target.digest());
    if (here.isPresent()) {
      return here.get();
    }
    Manifest sent = target.resolution().manifest();
    if (sent != null && sent.digest().equals(target.digest())) {
      return stored.keep(pull, sent);
    }
    try {
      return stored.download(pull, target.digest());
    } catch (UpstreamException e) {
      if (e.failure() == Failure.NOT_FOUND && target.deviation() != null) {
        throw target.lost(pull.repository(), tag);
      }
      throw e;
    }
  }

  /** Asks by one HEAD whether a tag still has its digest. If so, it is fresh from now on. */
  void confirm(Source source, TagEntry entry, Cost cost) throws UpstreamException {
    TagResolver.Target target = resolver.resolve(source, entry.tag(), cost);
    if (target.digest().equals(entry.digest())) {
      var unused = putTag(source, entry.tag(), target);
    }
  }

  private TagEntry putTag(Source source, Tag tag, TagResolver.Target target) {
    TagEntry entry =
        new TagEntry(
            source.repository(),
            tag,
            target.digest(),
            clock.instant(),
            target.resolution().freshFor(),
            target.deviation());
    tags.put(source, entry);
    return entry;
  }
}
