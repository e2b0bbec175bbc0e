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
 * Where a tag leads here: where the upstream says, unless that is too young or the tag was never to
 * move (docs/adr/0007). Asks by one HEAD. Thread-safe.
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
   * Where a tag leads.
   *
   * @param digest what clients get
   * @param told what the upstream said
   * @param deviation why these two differ, or null where they do not
   */
  record Target(Digest digest, Resolution told, @Nullable Deviation deviation) {
    static Target asTold(Resolution told) {
      return new Target(told.digest(), told, null);
    }

    /** What a client is told when the upstream has lost the digest that it is to get. */
    OciException lost(RepositoryName repository, Tag tag) {
      String where = repository + ":" + tag;
      if (deviation == Deviation.MOVED) {
        return new OciException(
            OciError.DENIED,
            where
                + " is never to move, but has: from "
                + digest
                + ", which is gone, to "
                + told.digest());
      }
      return new OciException(
          OciError.MANIFEST_UNKNOWN,
          where
              + " leads to "
              + digest
              + ", which the upstream has deleted, while "
              + told.digest()
              + " is too young");
    }
  }

  Target resolve(Source source, Tag tag, Cost cost) throws UpstreamException {
    Resolution told = source.resolve(tag, cost);
    if (source.freshness().isImmutable(tag)) {
      return unmoved(source, tag, told);
    }
    Duration cooling = source.freshness().cooling();
    return cooling.isZero() ? Target.asTold(told) : cooled(source.repository(), tag, told, cooling);
  }

  private Target unmoved(Source source, Tag tag, Resolution told) {
    RepositoryName repository = source.repository();
    List<Sighting> history = content.history(repository, tag);
    Optional<Digest> served =
        history.stream().filter(Sighting::served).map(Sighting::digest).findFirst();
    if (served.isEmpty() || served.get().equals(told.digest())) {
      return Target.asTold(told);
    }
    boolean news = !history.get(0).digest().equals(told.digest());
    content.see(repository, tag, told.digest(), clock.instant());
    if (news) {
      meters.tagMoved(source);
      log.error(
          "The tag {}:{} is never to move, but the upstream has moved it from {} to {}",
          repository,
          tag,
          served.get(),
          told.digest());
    }
    return new Target(served.get(), told, Deviation.MOVED);
  }

  private Target cooled(RepositoryName repository, Tag tag, Resolution told, Duration cooling) {
    Instant now = clock.instant();
    content.see(repository, tag, told.digest(), now);
    Digest chosen =
        choose(content.history(repository, tag), now.minus(cooling)).orElse(told.digest());
    return chosen.equals(told.digest())
        ? Target.asTold(told)
        : new Target(chosen, told, Deviation.COOLED);
  }

  /**
   * The digest that was last named among those that are old enough, so that a tag which the
   * upstream has set back follows at once; if none is, the oldest, which is trusted on first use.
   *
   * @param history the latest word first
   * @param latest when a digest must have been named first, at the latest
   */
  static Optional<Digest> choose(List<Sighting> history, Instant latest) {
    return history.stream()
        .filter(sighting -> !sighting.firstSeen().isAfter(latest))
        .findFirst()
        .or(() -> history.stream().min(Comparator.comparing(Sighting::firstSeen)))
        .map(Sighting::digest);
  }
}
