package io.entrepot.cache;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.Allowance;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.Cost;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks sources for blobs, manifests, lists and referrers. All questions to upstreams go through
 * this class, except the downloads of blobs.
 *
 * <ul>
 *   <li>If many clients ask the same question at once, one request is sent.
 *   <li>After the upstream has answered "not found", the question is not sent again for a while.
 *   <li>An older answer is used if the upstream fails, asks us to slow down, or takes longer than
 *       the source's deadline. It is not used if the last answer was a refusal (401 or 403): a
 *       client that has lost a permission must not get it back because the upstream fails.
 * </ul>
 *
 * Absences and refusals are kept in memory, within their shares of it. Thread-safe.
 */
public final class Questions {
  private static final Logger log = LoggerFactory.getLogger(Questions.class);

  private static final Set<OciError> ABSENT =
      EnumSet.of(OciError.BLOB_UNKNOWN, OciError.MANIFEST_UNKNOWN, OciError.NAME_UNKNOWN);

  private final ScheduledExecutorService timer;
  private final Executor lookups;
  private final Clock clock;
  private final Allowance allowance;
  private final SingleFlight<Question> open;
  private final Cache<Question, Absence> absences;
  private final Cache<Question, Boolean> refusals;

  private record Absence(OciError error, String message, Instant since, Duration length) {
    int weight() {
      return 3 * Weight.RECORD + Weight.of(message);
    }
  }

  /**
   * Begins with no absences and no refusals.
   *
   * @param timer runs the deadlines; no lookup runs on it
   * @param lookups runs lookups of older answers, which may query the database; its threads must
   *     not wait for upstreams
   * @param memory holds questions that are open, absences and refusals. If an absence is dropped,
   *     the upstream is asked once more; if a refusal is, an older answer may be used once more.
   * @param clock the current time
   */
  public Questions(
      ScheduledExecutorService timer, Executor lookups, MemoryBudget memory, Clock clock) {
    this.timer = timer;
    this.lookups = lookups;
    this.clock = clock;
    this.allowance = memory.allowance(Share.QUESTIONS);
    this.open = works(Question::weight);
    this.absences =
        memory.cache(Share.ABSENCES, (question, absence) -> question.weight() + absence.weight());
    this.refusals = memory.cache(Share.REFUSALS, (question, refused) -> question.weight());
  }

  /**
   * Makes a single flight of other work, which counts with the open questions.
   *
   * @param weigher the bytes of a key
   */
  public <K> SingleFlight<K> works(ToIntFunction<K> weigher) {
    return new SingleFlight<>(allowance, weigher);
  }

  /**
   * How a question can be answered.
   *
   * @param call sends the request to the upstream; blocks
   * @param unknown the error for the client if the upstream answers 404
   * @param older finds an older answer, or null if none may be used
   */
  public record Answering<T>(Call<T> call, OciError unknown, @Nullable Older<T> older) {
    /** Without older answers. */
    public Answering(Call<T> call, OciError unknown) {
      this(call, unknown, null);
    }
  }

  /** A request to an upstream. */
  @FunctionalInterface
  public interface Call<T> {
    T send() throws UpstreamException;
  }

  /**
   * A call that keeps the memory of its answers until it has ended, and not only while it reads.
   */
  public static <T> Call<T> holding(PullRequest pull, Call<T> call) {
    return () -> {
      try (Cost.Holding unused = pull.cost().hold()) {
        return call.send();
      }
    };
  }

  /** Finds an older answer to a question. */
  public interface Older<T> {
    /**
     * Finds the older answer. May query the database.
     *
     * @param why why the upstream has not answered
     */
    Optional<T> find(String why);

    /** Whether the older answer is also used after the upstream has answered "not found". */
    default boolean outlivesDeletion() {
      return false;
    }

    /** Removes the older answer, because the upstream has answered "not found". */
    default void forget() {}
  }

  /**
   * Asks the source of a request, or shares the answer to the same question that is being asked.
   *
   * @return the answer; fails with an {@link OciException}
   */
  public <T> CompletableFuture<T> ask(PullRequest pull, Question question, Answering<T> answering) {
    Source source = pull.source();
    Optional<OciException> absent = findAbsence(question);
    if (absent.isPresent()) {
      return CompletableFuture.failedFuture(absent.get());
    }
    CompletableFuture<T> asked =
        open.run(question, pull.questions(), () -> askNow(pull, question, answering))
            .whenComplete(
                (answer, failure) -> {
                  if (failure != null) {
                    noteIfAbsent(source, question, failure);
                  }
                });
    Older<T> older = answering.older();
    return older == null || asked.isDone()
        ? asked
        : orOlder(asked, source.deadline(), () -> findInTime(question, older));
  }

  /**
   * Asks the source of a request in the background, unless the same question is being asked. No
   * client waits for the answer, and absences and refusals are not recorded.
   */
  public void askAside(PullRequest pull, Question question, Supplier<Boolean> work) {
    var unused = open.run(question, pull.questions(), work);
  }

  private <T> T askNow(PullRequest pull, Question question, Answering<T> answering) {
    Older<T> older = answering.older();
    try {
      T answer = answering.call().send();
      if (older != null) {
        refusals.invalidateAll(List.of(question, question.refusedWith()));
      }
      return answer;
    } catch (UpstreamException e) {
      return (older == null ? Optional.<T>empty() : withoutUpstream(question, older, e))
          .orElseThrow(() -> ClientErrors.of(pull, e, answering.unknown()));
    }
  }

  private <T> Optional<T> withoutUpstream(
      Question question, Older<T> older, UpstreamException failure) {
    boolean gone = failure.failure() == Failure.NOT_FOUND;
    if (ClientErrors.leavesOpen(failure) || (gone && older.outlivesDeletion())) {
      log.debug("An older answer to {} is looked up, because: {}", question, failure.getMessage());
      return findUnlessRefused(question, older, String.valueOf(failure.getMessage()));
    }
    if (gone) {
      older.forget();
    } else {
      // A host that the upstream redirects to decides this question only.
      refusals.put(failure.isOfTarget() ? question : question.refusedWith(), true);
    }
    return Optional.empty();
  }

  private <T> Optional<T> findInTime(Question question, Older<T> older) {
    return findUnlessRefused(question, older, "the upstream has not answered in time");
  }

  private <T> Optional<T> findUnlessRefused(Question question, Older<T> older, String why) {
    return isRefused(question) ? Optional.empty() : older.find(why);
  }

  /**
   * Completes with an older answer if the upstream takes too long. The request to the upstream
   * continues, so that later clients get its answer.
   */
  private <T> CompletableFuture<T> orOlder(
      CompletableFuture<T> asked, Duration deadline, Supplier<Optional<T>> older) {
    CompletableFuture<T> first = asked.copy();
    Future<?> alarm =
        timer.schedule(() -> replace(first, older), deadline.toMillis(), TimeUnit.MILLISECONDS);
    var unused = first.whenComplete((answer, failure) -> alarm.cancel(false));
    return first;
  }

  private <T> void replace(CompletableFuture<T> first, Supplier<Optional<T>> older) {
    try {
      lookups.execute(() -> replaceNow(first, older));
    } catch (RejectedExecutionException e) {
      // The queue is full, so no lookup: the client keeps waiting for the upstream.
      log.debug("An older answer is not looked up: too many lookups are waiting", e);
    }
  }

  private static <T> void replaceNow(CompletableFuture<T> first, Supplier<Optional<T>> older) {
    if (first.isDone()) {
      return;
    }
    try {
      older.get().ifPresent(first::complete);
    } catch (RuntimeException e) {
      // The database cannot be asked: the client keeps waiting for the upstream.
      log.warn("An older answer could not be looked up: {}", e.getMessage());
    }
  }

  /** Whether the last answer of the upstream was a refusal. Then no older answer may be served. */
  public boolean isRefused(Question question) {
    return refusals.getIfPresent(question) != null
        || refusals.getIfPresent(question.refusedWith()) != null;
  }

  /**
   * The error for the client if the upstream has answered "not found" a short time ago; else empty.
   */
  public Optional<OciException> findAbsence(Question question) {
    Absence absence = absences.getIfPresent(question);
    if (absence == null) {
      return Optional.empty();
    }
    if (Freshness.isWithin(absence.length(), absence.since(), clock.instant())) {
      return Optional.of(new OciException(absence.error(), absence.message()));
    }
    absences.invalidate(question);
    return Optional.empty();
  }

  /** Records a failure for a while if it is a "not found" of the upstream. */
  public void noteIfAbsent(Source source, Question question, Throwable failure) {
    Duration length = source.freshness().negative();
    if (!length.isZero()
        && ClientErrors.unwrapped(failure) instanceof OciException error
        && ABSENT.contains(error.error())) {
      String message = String.valueOf(error.getMessage());
      absences.put(question, new Absence(error.error(), message, clock.instant(), length));
    }
  }
}
