package io.entrepot.cache.tags;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The cache of referrers: the manifests that have a given manifest as their subject. It is in
 * memory only; if an entry is lost, the upstream is asked once more. Thread-safe.
 */
public final class ReferrersCache {
  private static final long MAX_BYTES = 16L << 20;

  private final Questions questions;
  private final Clock clock;
  private final Cache<Question.OfReferrers, Answer> answers =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .<Question.OfReferrers, Answer>weigher(
              (question, answer) -> answer.referrers().index().length + 512)
          .executor(Runnable::run)
          .build();

  /** Makes an empty cache. */
  public ReferrersCache(Questions questions, Clock clock) {
    this.questions = questions;
    this.clock = clock;
  }

  /**
   * The referrers for one client.
   *
   * @param since when the upstream answered
   * @param missing whether the upstream is offline and no answer is stored, so that the list is
   *     empty
   */
  public record Answer(Referrers referrers, CacheOutcome outcome, Instant since, boolean missing) {
    Answer as(CacheOutcome how) {
      return new Answer(referrers, how, since, missing);
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
   * @param artifactType the type of the wanted referrers, or null for all
   * @return the referrers; fails with an {@link OciException}
   */
  public CompletableFuture<Answer> get(
      PullRequest pull, Digest subject, @Nullable String artifactType) {
    Source source = pull.source();
    Question.OfReferrers question =
        new Question.OfReferrers(source.repository(), subject, artifactType);
    Answer known = answers.getIfPresent(question);
    if (known != null && source.freshness().isFresh(known.since(), clock.instant())) {
      return CompletableFuture.completedFuture(known.as(CacheOutcome.HIT));
    }
    if (known != null && source.isScarce()) {
      return CompletableFuture.completedFuture(known.as(CacheOutcome.STALE));
    }
    return questions.ask(
        source,
        question,
        new Questions.Answering<>(
            () -> ask(pull, question, subject), OciError.NAME_UNKNOWN, why -> older(question)));
  }

  private Optional<Answer> older(Question.OfReferrers question) {
    return Optional.ofNullable(answers.getIfPresent(question))
        .map(known -> known.as(CacheOutcome.STALE));
  }

  private Answer ask(PullRequest pull, Question.OfReferrers question, Digest subject)
      throws UpstreamException {
    try {
      Referrers referrers =
          pull.source().listReferrers(subject, question.artifactType(), pull.cost());
      Answer answer = new Answer(referrers, CacheOutcome.MISS, clock.instant(), false);
      answers.put(question, answer);
      return answer;
    } catch (UpstreamException e) {
      if (e.failure() == Failure.DENIED) {
        // A client that has lost the permission must not get the old answer when the upstream fails
        // later.
        answers.asMap().keySet().removeIf(q -> q.repository().equals(question.repository()));
      }
      if (ClientErrors.leavesOpen(e) && answers.getIfPresent(question) == null) {
        boolean offline = e.failure() == Failure.OFFLINE;
        return new Answer(Referrers.none(), CacheOutcome.STALE, clock.instant(), offline);
      }
      throw e;
    }
  }
}
