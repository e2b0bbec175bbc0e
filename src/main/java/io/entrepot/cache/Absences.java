package io.entrepot.cache;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.Freshness;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What the upstream said a moment ago that it does not have. In memory and bounded; only absence is
 * kept, never a refusal, a lack of quota or a failure. Thread-safe.
 */
public final class Absences {
  /** A kilobyte each at most. */
  private static final int MAX = 10_000;

  private static final Set<OciError> ABSENT =
      EnumSet.of(OciError.BLOB_UNKNOWN, OciError.MANIFEST_UNKNOWN, OciError.NAME_UNKNOWN);

  private final Function<RepositoryName, Freshness> freshness;
  private final Clock clock;
  private final Cache<String, Absence> absences =
      Caffeine.newBuilder().maximumSize(MAX).executor(Runnable::run).build();

  private record Absence(OciError error, String message, Instant since, Duration length) {}

  /**
   * @param freshness says how long an absence is believed
   */
  public Absences(Function<RepositoryName, Freshness> freshness, Clock clock) {
    this.freshness = freshness;
    this.clock = clock;
  }

  /** Asks unless the answer is known to be that there is no such thing; such an answer is noted. */
  public <T> CompletableFuture<T> unlessKnown(
      RepositoryName repository, String question, Supplier<CompletableFuture<T>> ask) {
    Optional<OciException> known = find(question);
    if (known.isPresent()) {
      return CompletableFuture.failedFuture(known.get());
    }
    return ask.get()
        .whenComplete(
            (answer, failure) -> {
              if (failure != null) {
                note(repository, question, failure);
              }
            });
  }

  public Optional<OciException> find(String question) {
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

  /** Remembers a failure if it says that there is no such thing. */
  public void note(RepositoryName repository, String question, Throwable failure) {
    Duration length = freshness.apply(repository).negative();
    if (!length.isZero()
        && ClientErrors.unwrapped(failure) instanceof OciException told
        && ABSENT.contains(told.error())) {
      String message = String.valueOf(told.getMessage());
      absences.put(question, new Absence(told.error(), message, clock.instant(), length));
    }
  }
}
