package io.entrepot.cache.tags;

import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.catalog.LinkKind;
import io.entrepot.catalog.TagEntry;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Reference;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.UpstreamException;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The cache of manifests. A tag is resolved to a digest. A digest is served from the store or
 * fetched. A {@link Verdict} decides about each request. No method blocks its caller: {@link
 * Lookups} runs database queries, and the threads of the source run upstream requests. Thread-safe.
 */
public final class ManifestCache {
  private static final Logger log = LoggerFactory.getLogger(ManifestCache.class);

  private final LocalContent content;
  private final Questions questions;
  private final Lookups lookups;
  private final StoredManifests stored;
  private final AskedTags asked;
  private final ClientTags tags;
  private final Clock clock;
  private final MovedTagChecks checks;

  /** Wires the collaborators. */
  public ManifestCache(
      LocalContent content,
      Questions questions,
      Lookups lookups,
      CacheMeters meters,
      MemoryBudget memory,
      Clock clock) {
    this.content = content;
    this.questions = questions;
    this.lookups = lookups;
    this.stored = new StoredManifests(content, meters, clock);
    this.tags = new ClientTags(content.tags(), memory);
    this.asked = new AskedTags(stored, tags, new TagResolver(content, meters, clock), clock);
    this.checks = new MovedTagChecks(memory);
    this.clock = clock;
  }

  /**
   * Finds a manifest that can be served at once, if its link and tag are in memory. Does not query
   * the database, and does not make the client wait for the upstream.
   */
  public Optional<ManifestAnswer> find(PullRequest pull, Reference reference) {
    Optional<ManifestAnswer> here = serve(pull, reference, false);
    if (here.isPresent()) {
      use(pull, here.get());
    }
    return here;
  }

  /** Counts a use. A HEAD is none: clients that have an image ask by it whether that is current. */
  private ManifestAnswer use(PullRequest pull, ManifestAnswer answer) {
    if (pull.isUse()) {
      content.use(pull.repository(), answer.digest(), LinkKind.MANIFEST);
    }
    return answer;
  }

  /**
   * Gets a manifest that {@link #find} did not find.
   *
   * @return the manifest; fails with an {@link OciException}
   */
  public CompletableFuture<ManifestAnswer> fetch(PullRequest pull, Reference reference) {
    return lookUp(pull, reference).thenApply(answer -> use(pull, answer));
  }

  private CompletableFuture<ManifestAnswer> lookUp(PullRequest pull, Reference reference) {
    if (reference instanceof Tag tag && isKnownToBeOld(pull.source(), tag)) {
      return ask(pull, reference);
    }
    Instant begun = clock.instant();
    return lookups.begin(
        () ->
            serve(pull, reference, true)
                .or(() -> answeredSince(begun, pull, reference))
                .map(CompletableFuture::completedFuture)
                .orElseGet(() -> ask(pull, reference)));
  }

  /**
   * The answer to an equal question that has come since this request is here. Requests that wait
   * for a lookup while the upstream answers would else ask it again, one after the other.
   */
  private Optional<ManifestAnswer> answeredSince(
      Instant begun, PullRequest pull, Reference reference) {
    return reference instanceof Tag tag
        ? tags.findKnown(pull.source(), tag)
            .filter(entry -> entry.resolvedAt().isAfter(begun))
            .flatMap(
                entry ->
                    stored
                        .findKnown(pull.repository(), entry.digest())
                        .map(
                            held ->
                                held.as(CacheOutcome.REVALIDATED, entry.resolvedAt(), null)
                                    .detail(ManifestFacts.detail(entry.deviation()))))
        : Optional.empty();
  }

  /** Whether it is clear without the database that the upstream must be asked first. */
  private boolean isKnownToBeOld(Source source, Tag tag) {
    return !source.isScarce()
        && tags.findKnown(source, tag)
            .filter(
                entry -> ManifestFacts.state(source, entry, clock.instant()) == Freshness.State.OLD)
            .isPresent();
  }

  /**
   * Serves the stored manifest if the verdict allows that without asking the upstream first.
   *
   * @param query whether the database may be queried
   */
  private Optional<ManifestAnswer> serve(PullRequest pull, Reference reference, boolean query) {
    Source source = pull.source();
    TagEntry entry = reference instanceof Tag tag ? findTag(source, tag, query) : null;
    Digest digest =
        reference instanceof Digest given ? given : entry == null ? null : entry.digest();
    if (digest == null) {
      return Optional.empty();
    }
    StoredManifests.LazyLookup held = stored.lazyLookup(source.repository(), digest, query);
    return Verdict.withoutAsking(facts(source, reference, entry, held::isHere))
        .map(
            verdict -> entry == null ? held.answer() : served(verdict, pull, entry, held.answer()));
  }

  private @Nullable TagEntry findTag(Source source, Tag tag, boolean query) {
    return (query ? tags.find(source, tag) : tags.findKnown(source, tag)).orElse(null);
  }

  private ManifestAnswer served(
      Verdict verdict, PullRequest pull, TagEntry entry, ManifestAnswer held) {
    if (verdict == Verdict.SPARED) {
      return stale(held, entry, 0, "few requests of the upstream's limit are left")
          .detail("scarce");
    }
    if (verdict == Verdict.SERVED_AND_CHECKED) {
      check(pull, entry);
    }
    ManifestAnswer answer =
        held.as(CacheOutcome.HIT, entry.resolvedAt(), null)
            .detail(ManifestFacts.detail(entry.deviation()));
    if (verdict == Verdict.SERVED_WHILE_ASKED) {
      // A new pull request, because these upstream requests are not counted for the client.
      var unused = ask(pull.beside(), entry.tag());
      return answer.detail() == null ? answer.detail("revalidating") : answer;
    }
    return answer;
  }

  private static ManifestAnswer stale(
      ManifestAnswer held, TagEntry entry, int requests, String why) {
    return held.as(CacheOutcome.stale(requests), entry.resolvedAt(), why).detail(null);
  }

  /**
   * The facts about a manifest that decide its verdict.
   *
   * @param entry the stored entry of the tag; null for a digest or an unknown tag
   * @param held whether the manifest is stored
   */
  public Verdict.Facts facts(
      Source source, Reference reference, @Nullable TagEntry entry, BooleanSupplier held) {
    return new ManifestFacts(source, reference, entry, held, questions, checks, clock);
  }

  /** Checks in the background whether an immutable tag has moved. The result changes no answer. */
  private void check(PullRequest pull, TagEntry entry) {
    Source source = pull.source();
    Question tag = Question.of(source, entry.tag());
    if (checks.begin(tag, entry.resolvedAt(), clock.instant())) {
      questions.askAside(
          pull,
          new Question.OfMove(source.repository(), entry.tag()).by(source),
          () -> checkNow(source, entry, pull.cost().beside()));
    }
  }

  private boolean checkNow(Source source, TagEntry entry, Cost cost) {
    try (Cost.Holding unused = cost.hold()) {
      asked.confirm(source, entry, cost);
      return true;
    } catch (UpstreamException e) {
      log.debug(
          "The check whether {}:{} has moved failed: {}",
          source.repository(),
          entry.tag(),
          e.getMessage());
      return false;
    }
  }

  private CompletableFuture<ManifestAnswer> ask(PullRequest pull, Reference reference) {
    Source source = pull.source();
    Questions.Answering<ManifestAnswer> answering =
        reference instanceof Tag tag
            ? new Questions.Answering<>(
                Questions.holding(pull, () -> asked.ask(pull, tag)),
                OciError.MANIFEST_UNKNOWN,
                new OlderTag(pull, tag))
            : new Questions.Answering<>(
                Questions.holding(pull, () -> fetchDigest(pull, (Digest) reference)),
                OciError.MANIFEST_UNKNOWN);
    return questions.ask(pull, Question.of(source, reference), answering);
  }

  /** Finds the stored manifest of a tag if the upstream gives no answer. */
  private final class OlderTag implements Questions.Older<ManifestAnswer> {
    private final Source source;
    private final Cost cost;
    private final Tag tag;

    OlderTag(PullRequest pull, Tag tag) {
      this.source = pull.source();
      this.cost = pull.cost();
      this.tag = tag;
    }

    @Override
    public Optional<ManifestAnswer> find(String why) {
      return tags.find(source, tag)
          .flatMap(
              entry ->
                  stored
                      .find(source.repository(), entry.digest())
                      .map(held -> stale(held, entry, cost.requests(), why)));
    }

    @Override
    public boolean outlivesDeletion() {
      return source.freshness().keepDeleted();
    }

    @Override
    public void forget() {
      tags.forget(source, tag);
    }
  }

  private ManifestAnswer fetchDigest(PullRequest pull, Digest digest) throws UpstreamException {
    // The database has been asked; since then another request may have stored it.
    Source source = pull.source();
    Optional<ManifestAnswer> here =
        source.isPerClient()
            ? stored.find(source.repository(), digest)
            : stored.findKnown(source.repository(), digest);
    if (here.isEmpty()) {
      return stored.download(pull, digest);
    }
    if (source.isGranted()) {
      return here.get();
    }
    var unused = source.headManifest(digest, pull.cost());
    return here.get().as(CacheOutcome.REVALIDATED, clock.instant(), null);
  }
}
