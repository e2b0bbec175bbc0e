package io.entrepot.cache.tags;

import io.entrepot.cache.CacheMeters;
import io.entrepot.cache.LocalContent;
import io.entrepot.catalog.Deviation;
import io.entrepot.catalog.Sighting;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Source;
import io.entrepot.upstream.Resolution;
import io.entrepot.upstream.UpstreamException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides which digest clients get for a tag. It is the digest that the upstream returns, unless
 * that digest is too young, or the tag is immutable and has moved (docs/adr/0007). Sends one HEAD
 * request. Thread-safe.
 */
final class TagResolver {
  private static final Logger log = LoggerFactory.getLogger(TagResolver.class);

  private final LocalContent content;
  private final CacheMeters meters;
  private final Clock clock;

  TagResolver(LocalContent content, CacheMeters meters, Clock clock) {
    this.content = content;
    this.meters = meters;
    this.clock = clock;
  }

  /**
   * The result for a tag.
   *
   * @param digest the digest that clients get
   * @param resolution the answer of the upstream
   * @param deviation why the two differ, or null if they are equal
   */
  record Target(Digest digest, Resolution resolution, @Nullable Deviation deviation) {
    static Target withoutDeviation(Resolution resolution) {
      return new Target(resolution.digest(), resolution, null);
    }

    /** The error if the upstream no longer has the digest that clients should get. */
    OciException lost(RepositoryName repository, Tag tag) {
      String where = repository + ":" + tag;
      if (deviation == Deviation.MOVED) {
        return new OciException(
            OciError.DENIED,
            where
                + " is immutable, but the upstream has moved it from "
                + digest
                + ", which it has deleted, to "
                + resolution.digest());
      }
      return new OciException(
          OciError.MANIFEST_UNKNOWN,
          where
              + " leads to "
              + digest
              + ", which the upstream has deleted, while "
              + resolution.digest()
              + " is too young");
    }
  }

  Target resolve(Source source, Tag tag, Cost cost) throws UpstreamException {
    return target(source, tag, source.resolve(tag, cost));
  }

  /**
   * As {@link #resolve}, but by one GET. For where the digest that a HEAD has told is not there.
   */
  Target fetch(Source source, Tag tag, Cost cost) throws UpstreamException {
    return target(source, tag, source.fetchTag(tag, cost));
  }

  private Target target(Source source, Tag tag, Resolution resolution) {
    if (source.freshness().isImmutable(tag)) {
      return unmoved(source, tag, resolution);
    }
    Duration cooling = source.freshness().cooling();
    return cooling.isZero()
        ? Target.withoutDeviation(resolution)
        : cooled(source.repository(), tag, resolution, cooling);
  }

  private Target unmoved(Source source, Tag tag, Resolution resolution) {
    RepositoryName repository = source.repository();
    List<Sighting> history = content.tags().history(repository, tag);
    Optional<Digest> served =
        history.stream().filter(Sighting::served).map(Sighting::digest).findFirst();
    if (served.isEmpty() || served.get().equals(resolution.digest())) {
      return Target.withoutDeviation(resolution);
    }
    boolean isNew = !history.get(0).digest().equals(resolution.digest());
    content.tags().see(repository, tag, resolution.digest(), clock.instant());
    if (isNew) {
      meters.tagMoved(source);
      log.error(
          "The tag {}:{} is immutable, but the upstream has moved it from {} to {}",
          repository,
          tag,
          served.get(),
          resolution.digest());
    }
    return new Target(served.get(), resolution, Deviation.MOVED);
  }

  private Target cooled(
      RepositoryName repository, Tag tag, Resolution resolution, Duration cooling) {
    Instant now = clock.instant();
    content.tags().see(repository, tag, resolution.digest(), now);
    Digest chosen =
        choose(content.tags().history(repository, tag), now.minus(cooling))
            .orElse(resolution.digest());
    return chosen.equals(resolution.digest())
        ? Target.withoutDeviation(resolution)
        : new Target(chosen, resolution, Deviation.COOLED);
  }

  /**
   * Chooses a digest from the history of a tag. Of the digests that are old enough, it takes the
   * one that the upstream returned last; so a tag that the upstream sets back follows at once. If
   * none is old enough, it takes the oldest, which is trusted on first use.
   *
   * @param history the digests that the upstream has returned, the latest first
   * @param latest a digest is old enough if the upstream first returned it at this time or before
   */
  static Optional<Digest> choose(List<Sighting> history, Instant latest) {
    return history.stream()
        .filter(sighting -> !sighting.firstSeen().isAfter(latest))
        .findFirst()
        .or(() -> history.stream().min(Comparator.comparing(Sighting::firstSeen)))
        .map(Sighting::digest);
  }
}
