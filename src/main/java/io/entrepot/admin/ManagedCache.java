package io.entrepot.admin;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.TagEntry;
import io.entrepot.database.DatabaseException;
import io.entrepot.expiry.Evictor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Quoted;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The attributes and operations of a cache. Nothing of ours leaves it but text and numbers, since a
 * console in another JVM has none of our classes.
 */
public final class ManagedCache implements EntrepotMXBean {
  private static final Logger log = LoggerFactory.getLogger(ManagedCache.class);

  /** Consoles ask for one attribute at a time, and counting reads whole tables. */
  private static final Duration MOMENT = Duration.ofSeconds(1);

  private final StatsResource stats;
  private final Health health;
  private final Catalog catalog;
  private final Evictor evictor;
  private final Runnable drain;
  private final Clock clock;
  private volatile @Nullable Counted counted;

  private record Counted(Instant at, StatsResource.Stats stats) {
    boolean isOf(Instant now) {
      return !now.isBefore(at) && now.isBefore(at.plus(MOMENT));
    }
  }

  /**
   * Wires the collaborators.
   *
   * @param drain begins to take no more requests; returns at once
   */
  public ManagedCache(
      StatsResource stats,
      Health health,
      Catalog catalog,
      Evictor evictor,
      Runnable drain,
      Clock clock) {
    this.stats = stats;
    this.health = health;
    this.catalog = catalog;
    this.evictor = evictor;
    this.drain = drain;
    this.clock = clock;
  }

  private StatsResource.Stats stats() {
    Instant now = clock.instant();
    Counted last = counted;
    if (last == null || !last.isOf(now)) {
      last = new Counted(now, told(stats::stats));
      counted = last;
    }
    return last.stats();
  }

  private static <T> T told(Supplier<T> question) {
    try {
      return question.get();
    } catch (DatabaseException e) {
      log.warn("JMX was told of a failure", e);
      throw new IllegalStateException(e.getMessage());
    }
  }

  @Override
  public String getUpstream() {
    return stats().upstream();
  }

  @Override
  public long getUptimeSeconds() {
    return stats().uptimeSeconds();
  }

  @Override
  public long getHeldBlobs() {
    return stats().held().blobs();
  }

  @Override
  public long getHeldBytes() {
    return stats().held().bytes();
  }

  @Override
  public long getHeldManifests() {
    return stats().held().manifests();
  }

  @Override
  public long getHeldRepositories() {
    return stats().held().repositories();
  }

  @Override
  public long getHeldTags() {
    return stats().held().tags();
  }

  @Override
  public long getLeases() {
    return stats().leases();
  }

  @Override
  public int getFillsInFlight() {
    return stats().fillsInFlight();
  }

  @Override
  public long getPulledBytes() {
    return stats().pulledBytes();
  }

  @Override
  public long getPushedBytes() {
    return stats().pushedBytes();
  }

  @Override
  public long getEvictions() {
    return stats().evictions();
  }

  @Override
  public boolean isReady() {
    return health.report().ready();
  }

  @Override
  public List<String> getTroubles() {
    return health.report().degraded().stream().map(t -> t.what() + ": " + t.why()).toList();
  }

  @Override
  public void drain() {
    log.info("Asked through JMX to drain");
    drain.run();
  }

  @Override
  public int evict(String what) {
    int links = told(() -> evictParsed(what));
    log.info("Asked through JMX to evict {}: it went from {} places", Quoted.of(what), links);
    return links;
  }

  private int evictParsed(String what) {
    int at = what.indexOf('@');
    int colon = what.lastIndexOf(':');
    try {
      if (at >= 0) {
        Digest digest = Digest.parse(what.substring(at + 1));
        return evict(RepositoryName.parse(what.substring(0, at)), digest);
      }
      if (colon < 0) {
        throw new IllegalArgumentException(
            Quoted.of(what) + " names no content: write NAME:TAG, NAME@DIGEST or DIGEST");
      }
      if (isAlgorithm(what.substring(0, colon))) {
        return evictor.evict(Digest.parse(what), link -> true);
      }
      RepositoryName repository = RepositoryName.parse(what.substring(0, colon));
      Optional<TagEntry> tag =
          catalog.tags().find(repository, Tag.parse(what.substring(colon + 1)));
      return tag.map(entry -> evict(repository, entry.digest())).orElse(0);
    } catch (OciException e) {
      throw new IllegalArgumentException(e.getMessage());
    }
  }

  private static boolean isAlgorithm(String text) {
    return Arrays.stream(Digest.Algorithm.values()).anyMatch(a -> a.label().equals(text));
  }

  private int evict(RepositoryName repository, Digest digest) {
    return evictor.evict(digest, link -> link.repository().equals(repository));
  }
}
