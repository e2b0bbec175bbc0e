package io.entrepot.cache.tags;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.cache.Asks;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.StaleDeadline;
import io.entrepot.routing.TagPolicy;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Who refers to a manifest, as the upstream last said. Kept in memory only: what is lost is one
 * question. Thread-safe.
 */
public final class ReferrersCache {
  private static final long MAX_BYTES = 16L << 20;
  private static final byte[] NONE =
      ("{\"schemaVersion\":2,\"mediaType\":\"application/vnd.oci.image.index.v1+json\","
              + "\"manifests\":[]}")
          .getBytes(StandardCharsets.UTF_8);

  private final Upstream upstream;
  private final Asks asks;
  private final TagPolicy policy;
  private final Function<RepositoryName, StaleDeadline> deadlines;
  private final Clock clock;
  private final Cache<Key, Answer> answers =
      Caffeine.newBuilder()
          .maximumWeight(MAX_BYTES)
          .<Key, Answer>weigher((key, answer) -> answer.referrers().index().length + 512)
          .executor(Runnable::run)
          .build();

  /** Wires the collaborators. */
  public ReferrersCache(
      Upstream upstream,
      Asks asks,
      TagPolicy policy,
      Function<RepositoryName, StaleDeadline> deadlines,
      Clock clock) {
    this.upstream = upstream;
    this.asks = asks;
    this.policy = policy;
    this.deadlines = deadlines;
    this.clock = clock;
  }

  private record Key(RepositoryName repository, Digest subject, @Nullable String artifactType) {}

  /**
   * The referrers for one client.
   *
   * @param since when the upstream said so
   * @param missing whether the upstream is offline and nothing is known here, so that it is said to
   *     have none
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
   * Gets the referrers of a digest, from here while they are fresh.
   *
   * @param artifactType the only kind wanted, or null for all
   * @return fails with an {@link OciException}
   */
  public CompletableFuture<Answer> get(
      RepositoryName repository, Digest subject, @Nullable String artifactType, Cost cost) {
    Key key = new Key(repository, subject, artifactType);
    Answer known = answers.getIfPresent(key);
    if (known != null
        && policy.freshness().apply(repository).isFresh(known.since(), clock.instant())) {
      return CompletableFuture.completedFuture(known.as(CacheOutcome.HIT));
    }
    if (known != null && policy.scarce().test(repository)) {
      return CompletableFuture.completedFuture(known.as(CacheOutcome.STALE));
    }
    CompletableFuture<Answer> asked =
        asks.ask(repository, "referrers:" + key, () -> ask(key, cost));
    return known == null
        ? asked
        : deadlines.apply(repository).orElse(asked, () -> Optional.ofNullable(stale(key)));
  }

  private @Nullable Answer stale(Key key) {
    Answer known = answers.getIfPresent(key);
    return known == null ? null : known.as(CacheOutcome.STALE);
  }

  private Answer ask(Key key, Cost cost) {
    try {
      Referrers referrers =
          upstream.listReferrers(key.repository(), key.subject(), key.artifactType(), cost);
      Answer answer = new Answer(referrers, CacheOutcome.MISS, clock.instant(), false);
      answers.put(key, answer);
      return answer;
    } catch (UpstreamException e) {
      return withoutUpstream(key, e);
    }
  }

  private Answer withoutUpstream(Key key, UpstreamException failure) {
    if (!ClientErrors.leavesOpen(failure)) {
      if (failure.failure() == Failure.DENIED) {
        // Who has lost the right to them does not regain it when the upstream fails after that.
        answers.asMap().keySet().removeIf(other -> other.repository().equals(key.repository()));
      }
      throw ClientErrors.of(failure, OciError.NAME_UNKNOWN);
    }
    Answer known = stale(key);
    return known != null
        ? known
        : new Answer(
            new Referrers(NONE, false),
            CacheOutcome.STALE,
            clock.instant(),
            failure.failure() == Failure.OFFLINE);
  }
}
