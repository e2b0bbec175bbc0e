package io.entrepot.upstream.pace;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Place;
import io.entrepot.upstream.UpstreamQuery;
import io.entrepot.upstream.UpstreamQuery.FetchBlob;
import io.entrepot.upstream.UpstreamQuery.ListReferrers;
import io.entrepot.upstream.UpstreamQuery.ListTags;
import io.entrepot.upstream.UpstreamQuery.Ping;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * The questions at which one upstream fails though it answers others. One that fails again after
 * another was answered then fails at once for a second. So what always fails costs the upstream one
 * request a second, however many clients ask, and does not cost them the time to wait for it (S27).
 * In an outage nothing is remembered: the breaker protects the upstream, and the end of the outage
 * is the end of its failures. Thread-safe.
 */
final class RecentFailures {
  /** Not longer, because the upstream may have been mended. */
  private static final Duration KEPT = Duration.ofSeconds(1);

  /** A failure with its message, its causes and their stack traces. */
  private static final int BYTES_OF_A_FAILURE = 4096;

  private final LongSupplier nanoTime;
  private final Cache<Asked, Remembered> failures;

  /** How many questions were answered. */
  private final AtomicLong answers = new AtomicLong();

  /**
   * A question that was asked.
   *
   * @param client whose user name and password went with it; empty for our own. What fails for one
   *     client says nothing to another.
   */
  record Asked(UpstreamQuery<?> query, String client) {}

  /**
   * A failure.
   *
   * @param answers how many questions had been answered before
   * @param until when it is no longer told, by the clock
   */
  private record Remembered(UpstreamException failure, long answers, long until) {}

  /**
   * Knows of no failure.
   *
   * @param memory holds them; a question that is dropped is sent once more
   */
  RecentFailures(MemoryBudget memory, LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.failures =
        memory.cache(
            Share.FAILURES, (asked, known) -> BYTES_OF_A_FAILURE + 2 * freeText(asked.query()));
  }

  /**
   * Fails where the same question has just failed again.
   *
   * @throws UpstreamException the same failure, with the time after which to ask again
   */
  void check(Asked asked) throws UpstreamException {
    Remembered known = failures.getIfPresent(asked);
    if (known == null) {
      return;
    }
    long left = known.until() - nanoTime.getAsLong();
    if (left > 0) {
      throw known
          .failure()
          .retold(String.valueOf(known.failure().getMessage()), Duration.ofNanos(left));
    }
  }

  /** Forgets a question that was answered. */
  void answered(Asked asked) {
    answers.incrementAndGet();
    failures.invalidate(asked);
  }

  /** Remembers a failure that may be of this question, and forgets one where there is an answer. */
  void remember(Asked asked, UpstreamException failure) {
    switch (failure.failure()) {
      case UNREACHABLE, TIMEOUT -> {
        boolean own = failure.place() == Place.UPSTREAM || failure.place() == Place.RESOURCE;
        if (own && !isOfAnother(asked.query())) {
          failedAgain(asked, failure);
        }
      }
      case NOT_FOUND, DENIED -> answered(asked);
      case THROTTLED, REFUSED, LOOP, INVALID -> failures.invalidate(asked);
      case BUSY, OFFLINE -> {
        // Nothing was sent.
      }
    }
  }

  private void failedAgain(Asked asked, UpstreamException failure) {
    Remembered before = failures.getIfPresent(asked);
    long now = answers.get();
    if (before != null && before.failure().root() != failure.root() && now > before.answers()) {
      long until = nanoTime.getAsLong() + KEPT.toNanos();
      failures.put(asked, new Remembered(failure, before.answers(), until));
    } else {
      failures.put(asked, new Remembered(failure, now, nanoTime.getAsLong()));
    }
  }

  /** How many characters of a question a client can choose freely. */
  private static int freeText(UpstreamQuery<?> query) {
    if (query instanceof ListTags list) {
      return list.query().length();
    }
    return query instanceof ListReferrers list
        ? String.valueOf(list.artifactType()).length() + String.valueOf(list.next()).length()
        : 0;
  }

  /** A ping is about the upstream, and a fill that goes on has a pace of its own. */
  private static boolean isOfAnother(UpstreamQuery<?> query) {
    return query instanceof Ping
        || (query instanceof FetchBlob fetch && fetch.range().after() != null);
  }
}
