package io.entrepot.cache.tags;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.Cursor;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RegistryRequest.ListReferrers;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The cache of referrers: the manifests that have a given manifest as their subject. It is in
 * memory only; if an entry is lost, the upstream is asked once more. Thread-safe.
 */
public final class ReferrersCache {
  /** So many times a client can follow our link. Each time some sixteen pages are read. */
  private static final int MAX_PARTS = 1000;

  private final Questions questions;
  private final Clock clock;
  private final Cache<Question, ReferrersAnswer> answers;

  /**
   * Makes an empty cache.
   *
   * @param memory holds the answers
   */
  public ReferrersCache(Questions questions, MemoryBudget memory, Clock clock) {
    this.questions = questions;
    this.clock = clock;
    this.answers =
        memory.cache(Share.REFERRERS, (question, answer) -> question.weight() + answer.weight());
  }

  /**
   * The referrers for one client.
   *
   * @param next where the list goes on; null at the end
   * @param since when the upstream answered
   */
  public record ReferrersAnswer(
      Referrers referrers, @Nullable Cursor next, CacheOutcome outcome, Instant since) {
    private int weight() {
      int more = next == null ? 0 : Weight.of(next.toString());
      return 6 * Weight.RECORD + referrers.index().length + more;
    }

    ReferrersAnswer as(CacheOutcome how) {
      return new ReferrersAnswer(referrers, next, how, since);
    }

    public byte[] index() {
      return referrers.index();
    }

    public boolean filtered() {
      return referrers.filtered();
    }
  }

  /**
   * Gets the referrers of a digest. While the stored answer is fresh, the upstream is not asked.
   *
   * @param list which referrers
   * @return the referrers; fails with an {@link OciException}
   */
  public CompletableFuture<ReferrersAnswer> get(PullRequest pull, ListReferrers list) {
    Source source = pull.source();
    Question question =
        new Question.OfReferrers(
                source.repository(), list.subject(), list.artifactType(), list.cursor())
            .by(source);
    ReferrersAnswer known = source.isGranted() ? answers.getIfPresent(question) : null;
    if (known != null && isValid(source, known)) {
      return CompletableFuture.completedFuture(known.as(CacheOutcome.HIT));
    }
    if (known != null && source.isScarce()) {
      return CompletableFuture.completedFuture(known.as(CacheOutcome.STALE_UNASKED));
    }
    return questions.ask(
        pull,
        question,
        new Questions.Answering<>(
            Questions.holding(pull, () -> ask(pull, question, list)),
            OciError.NAME_UNKNOWN,
            why -> older(pull, question)));
  }

  /**
   * Forgets the referrers of a repository, because a person has purged some of it.
   *
   * @param repository its name in this cache; null for all repositories
   */
  public void forget(@Nullable RepositoryName repository) {
    answers
        .asMap()
        .keySet()
        .removeIf(question -> repository == null || question.repository().equals(repository));
  }

  private boolean isValid(Source source, ReferrersAnswer known) {
    Freshness freshness = source.freshness();
    Instant now = clock.instant();
    return freshness.isFresh(known.since(), now) || freshness.isSameList(known.since(), now);
  }

  private Optional<ReferrersAnswer> older(PullRequest pull, Question question) {
    return Optional.ofNullable(answers.getIfPresent(question))
        .filter(known -> pull.source().isGranted())
        .map(known -> known.as(CacheOutcome.stale(pull.cost().requests())));
  }

  private ReferrersAnswer ask(PullRequest pull, Question question, ListReferrers list)
      throws UpstreamException {
    try {
      Cursor cursor = list.cursor();
      Referrers referrers =
          pull.source()
              .listReferrers(
                  list.subject(),
                  list.artifactType(),
                  cursor == null ? null : cursor.query(),
                  pull.cost());
      Instant now = clock.instant();
      boolean kept = pull.source().freshness().isFresh(now, now);
      CacheOutcome how = kept ? CacheOutcome.MISS : CacheOutcome.PASSED;
      ReferrersAnswer answer = new ReferrersAnswer(referrers, next(cursor, referrers), how, now);
      answers.put(question, answer);
      return answer;
    } catch (UpstreamException e) {
      if (e.failure() == Failure.DENIED) {
        // A client that has lost the permission must not get the old answer when the upstream fails
        // later.
        answers.asMap().keySet().removeIf(q -> q.refusedWith().equals(question.refusedWith()));
      }
      throw e;
    }
  }

  private static @Nullable Cursor next(@Nullable Cursor cursor, Referrers referrers)
      throws UpstreamException {
    String next = referrers.next();
    if (next == null) {
      return null;
    }
    Cursor here = cursor == null ? new Cursor(1, "", "", "") : cursor;
    if (here.pages() >= MAX_PARTS) {
      throw new UpstreamException(
          Failure.INVALID, "the upstream's list of referrers does not come to an end");
    }
    return here.next(List.of(), next);
  }
}
