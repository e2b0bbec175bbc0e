package io.entrepot.access;

import java.io.IOException;
import java.net.URI;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of one provider, as it published them last. They are read on a thread of their own: at
 * the start, every quarter of an hour, and when a token names a key that is not among them. One
 * read at a time, and not many in a row. If the provider does not answer, the keys of before count
 * for a day. Thread-safe.
 */
final class ProviderKeys {
  /** After this time a key that the provider has withdrawn counts no more. */
  static final Duration FRESH = Duration.ofMinutes(15);

  /** So long the keys count if the provider does not answer. */
  static final Duration USABLE = Duration.ofDays(1);

  /** After a read that failed, the provider is left alone for so long. */
  static final Duration REST = Duration.ofSeconds(5);

  /** So many reads may succeed within a minute. A provider changes its keys once in some days. */
  static final int MAX_READS = 5;

  private static final Duration MINUTE = Duration.ofMinutes(1);

  private static final Logger log = LoggerFactory.getLogger(ProviderKeys.class);

  private final OidcProvider provider;
  private final KeySource source;
  private final Executor executor;
  private final Clock clock;

  private volatile @Nullable Known known;

  // Guarded by this.
  private @Nullable CompletableFuture<Optional<KeySet>> running;
  private @Nullable Instant failedAt;
  private Instant minute = Instant.MIN;
  private int reads;

  private record Known(KeySet keys, Instant at) {}

  /**
   * @param executor reads what the provider publishes. It is bounded, and rejects what is too much.
   */
  ProviderKeys(OidcProvider provider, KeySource source, Executor executor, Clock clock) {
    this.provider = provider;
    this.source = source;
    this.executor = executor;
    this.clock = clock;
  }

  /** The keys that are known; empty if there are none yet. Asks only memory. */
  Optional<KeySet> now() {
    Known last = known;
    if (last == null) {
      return Optional.empty();
    }
    Duration age = age(last.at());
    if (age.compareTo(FRESH) >= 0) {
      var unused = newer();
    }
    return age.compareTo(USABLE) < 0 ? Optional.of(last.keys()) : Optional.empty();
  }

  /**
   * The keys as the provider publishes them now. If it was asked just before, those that are known.
   *
   * @return never fails; empty if the provider does not answer
   */
  synchronized CompletableFuture<Optional<KeySet>> newer() {
    if (running != null) {
      return running;
    }
    if (failedAt != null && age(failedAt).compareTo(REST) < 0) {
      return CompletableFuture.completedFuture(Optional.empty());
    }
    if (age(minute).compareTo(MINUTE) >= 0) {
      minute = clock.instant();
      reads = 0;
    }
    if (reads == MAX_READS) {
      return CompletableFuture.completedFuture(Optional.ofNullable(known).map(Known::keys));
    }
    CompletableFuture<Optional<KeySet>> mine = new CompletableFuture<>();
    running = mine;
    try {
      executor.execute(() -> mine.complete(read()));
    } catch (RejectedExecutionException e) {
      running = null;
      mine.complete(Optional.empty());
    }
    return mine;
  }

  private Optional<KeySet> read() {
    KeySet read = null;
    String trouble = "";
    try {
      read = KeySet.parse(source.read(place(), KeySet.MAX_BYTES));
    } catch (IOException | RuntimeException e) {
      trouble = String.valueOf(e.getMessage());
    }
    return ended(read, trouble);
  }

  private synchronized Optional<KeySet> ended(@Nullable KeySet read, String trouble) {
    running = null;
    if (read == null) {
      if (failedAt == null) {
        log.warn("auth.oidc.{}: its keys cannot be read: {}", provider.name(), trouble);
      }
      failedAt = clock.instant();
      return Optional.empty();
    }
    if (failedAt != null) {
      log.info("auth.oidc.{}: its keys can be read again", provider.name());
    }
    failedAt = null;
    reads++;
    Known last = known;
    // The same object while nothing changes: what was verified by it still holds.
    KeySet kept = last != null && last.keys().equals(read) ? last.keys() : read;
    known = new Known(kept, clock.instant());
    return Optional.of(kept);
  }

  /** Where the keys are. The configuration must be of this very issuer. */
  private URI place() throws IOException {
    if (provider.jwks().isPresent()) {
      return provider.jwks().get();
    }
    return ProviderConfiguration.read(provider, source).url("jwks_uri");
  }

  private Duration age(Instant since) {
    return since.equals(Instant.MIN) ? USABLE : Duration.between(since, clock.instant()).abs();
  }
}
