package io.entrepot.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.Source;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one way in which sources are asked, for blobs, manifests, lists and referrers alike.
 *
 * <ul>
 *   <li>A question that many ask at once is asked once.
 *   <li>What the upstream said a moment ago that it does not have is not asked again.
 *   <li>An older answer stands in where the upstream fails, asks us to slow down, or takes longer
 *       than the source's deadline; but not for what it last refused (401 or 403): who has lost the
 *       right to a thing does not get it back because the upstream fails.
 * </ul>
 *
 * What is remembered is in memory and bounded. Thread-safe.
 */
public final class Questions {
  private static final Logger log = LoggerFactory.getLogger(Questions.class);

  /** A kilobyte each at most; what is forgotten is asked once more. */
  private static final int MAX_ABSENCES = 10_000;

  /** One that is forgotten is answered by an older answer once more at most. */
  private static final int MAX_REFUSALS = 10_000;

  private static final Set<OciError> ABSENT =
      EnumSet.of(OciError.BLOB_UNKNOWN, OciError.MANIFEST_UNKNOWN, OciError.NAME_UNKNOWN);

  private final ScheduledExecutorService timer;
  private final Executor lookups;
  private final Clock clock;
  private final SingleFlight<Question> open = new SingleFlight<>();
  private final Cache<Question, Absence> absences =
      Caffeine.newBuilder().maximumSize(MAX_ABSENCES).executor(Runnable::run).build();
  private final Cache<Question, Boolean> refusals =
      Caffeine.newBuilder().maximumSize(MAX_REFUSALS).executor(Runnable::run).build();

  private record Absence(OciError error, String message, Instant since, Duration length) {}

  /**
   * Nothing has been asked yet.
   *
   * @param timer tells when a deadline has passed; nothing is looked up on it
   * @param lookups look for older answers, which may ask the database; must not be threads that
   *     wait for an upstream
   */
  public Questions(ScheduledExecutorService timer, Executor lookups, Clock clock) {
    this.timer = timer;
    this.lookups = lookups;
    this.clock = clock;
  }

  /**
   * How a question is answered.
   *
   * @param call asks the upstream; blocks
   * @param unknown what the client is told where the upstream has no such thing (404)
   * @param older what may stand in for the answer, or null where nothing may
   */
  public record Answering<T>(Call<T> call, OciError unknown, @Nullable Older<T> older) {
    /** One that nothing older can stand in for. */
    public Answering(Call<T> call, OciError unknown) {
      this(call, unknown, null);
    }
  }

  /** A call to an upstream. */
  @FunctionalInterface
  public interface Call<T> {
    T send() throws UpstreamException;
  }

  /** The older answer to a question. */
  public interface Older<T> {
    /**
     * Finds it; may ask the database.
     *
     * @param why the upstream's own answer is not to be had
     */
    Optional<T> find(String why);

    /** Whether it also stands in where the upstream has no such thing any more. */
    default boolean outlivesDeletion() {
      return false;
    }

    /** Forgets it: the upstream has no such thing any more. */
    default void forget() {}
  }

  /**
   * Asks a source, or shares the answer to the same question.
   *
   * @return fails with an {@link OciException}
   */
  public <T> CompletableFuture<T> ask(Source source, Question question, Answering<T> answering) {
    Optional<OciException> absent = findAbsence(question);
    if (absent.isPresent()) {
      return CompletableFuture.failedFuture(absent.get());
    }
    CompletableFuture<T> asked =
        open.run(question, source.questions(), () -> askNow(question, answering))
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
   * Asks a source something whose answer nobody waits for and nothing is remembered of, unless that
   * is being asked already.
   */
  public void askAside(Source source, Question question, Supplier<Boolean> work) {
    var unused = open.run(question, source.questions(), work);
  }

  private <T> T askNow(Question question, Answering<T> answering) {
    Older<T> older = answering.older();
    try {
      T answer = answering.call().send();
      if (older != null) {
        refusals.invalidate(question.refusedWith());
      }
      return answer;
    } catch (UpstreamException e) {
      return (older == null ? Optional.<T>empty() : withoutUpstream(question, older, e))
          .orElseThrow(() -> ClientErrors.of(e, answering.unknown()));
    }
  }

  private <T> Optional<T> withoutUpstream(
      Question question, Older<T> older, UpstreamException failure) {
    boolean gone = failure.failure() == Failure.NOT_FOUND;
    if (ClientErrors.leavesOpen(failure) || (gone && older.outlivesDeletion())) {
      log.debug("Looking for an older answer to {}: {}", question, failure.getMessage());
      return findUnlessRefused(question, older, String.valueOf(failure.getMessage()));
    }
    if (gone) {
      older.forget();
    } else {
      refusals.put(question.refusedWith(), true);
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
   * Gives an older answer when the upstream takes too long. Its own goes on being waited for, for
   * those who come later.
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
      lookups.execute(
          () -> {
            if (!first.isDone()) {
              older.get().ifPresent(first::complete);
            }
          });
    } catch (RejectedExecutionException e) {
      // Too busy to look for it: the client goes on waiting for the upstream.
      log.debug("No older answer is looked for", e);
    }
  }

  /** Whether the upstream has last refused to answer, so that no older answer is served. */
  public boolean isRefused(Question question) {
    return refusals.getIfPresent(question.refusedWith()) != null;
  }

  /** What a client is told of something that the upstream did not have a moment ago. */
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

  /** Remembers a failure for a while if it says that there is no such thing. */
  public void noteIfAbsent(Source source, Question question, Throwable failure) {
    Duration length = source.freshness().negative();
    if (!length.isZero()
        && ClientErrors.unwrapped(failure) instanceof OciException told
        && ABSENT.contains(told.error())) {
      String message = String.valueOf(told.getMessage());
      absences.put(question, new Absence(told.error(), message, clock.instant(), length));
    }
  }
}
