package io.entrepot.admin;

import io.entrepot.admin.Statistics.Stats;
import io.entrepot.catalog.CatalogStats;
import io.entrepot.database.DatabaseException;
import io.entrepot.oci.OciException;
import io.entrepot.routing.Freshness;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The JMX bean of a cache. It returns and throws only types of the JDK, because a console in
 * another JVM does not have our classes.
 */
public final class ManagedCache implements EntrepotMXBean {
  private static final Logger log = LoggerFactory.getLogger(ManagedCache.class);

  /**
   * How long statistics are reused. Consoles read one attribute at a time, and to compute the
   * statistics reads whole tables.
   */
  private static final Duration REUSE = Duration.ofSeconds(1);

  private final Statistics statistics;
  private final ClusterStatistics cluster;
  private final Health health;
  private final Operations operations;
  private final Clock clock;
  private volatile @Nullable Counted counted;

  private record Counted(Instant at, Stats stats) {}

  /** Wires the collaborators. */
  public ManagedCache(
      Statistics statistics,
      ClusterStatistics cluster,
      Health health,
      Operations operations,
      Clock clock) {
    this.statistics = statistics;
    this.cluster = cluster;
    this.health = health;
    this.operations = operations;
    this.clock = clock;
  }

  private Stats stats() {
    Instant now = clock.instant();
    Counted last = counted;
    if (last == null || !Freshness.isWithin(REUSE, last.at(), now)) {
      last = new Counted(now, withJdkExceptions(statistics::stats));
      counted = last;
    }
    return last.stats();
  }

  /** Runs an action. Turns our exceptions into exceptions of the JDK. */
  private static <T> T withJdkExceptions(Supplier<T> action) {
    try {
      return action.get();
    } catch (DatabaseException e) {
      log.warn("A request through JMX failed", e);
      throw new IllegalStateException(e.getMessage());
    } catch (ConflictException e) {
      throw new IllegalStateException(e.getMessage());
    } catch (OciException e) {
      throw new IllegalArgumentException(e.getMessage());
    }
  }

  private CatalogStats held() {
    return read(stats().here().held());
  }

  private static <T> T read(@Nullable T value) {
    if (value == null) {
      throw new IllegalStateException("the database cannot be read; /api/health says why");
    }
    return value;
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
    return held().blobs();
  }

  @Override
  public long getHeldBytes() {
    return held().bytes();
  }

  @Override
  public long getHeldManifests() {
    return held().manifests();
  }

  @Override
  public long getHeldRepositories() {
    return held().repositories();
  }

  @Override
  public long getHeldTags() {
    return held().tags();
  }

  @Override
  public long getLeases() {
    return read(stats().here().leases());
  }

  @Override
  public int getFillsInFlight() {
    return stats().here().fillsInFlight();
  }

  @Override
  public long getPulledBytes() {
    return stats().done().pulledBytes();
  }

  @Override
  public long getPushedBytes() {
    return stats().done().pushedBytes();
  }

  @Override
  public long getEvictions() {
    return stats().done().evictions();
  }

  @Override
  public List<String> getNodesUp() {
    return withJdkExceptions(() -> cluster.names(true));
  }

  @Override
  public List<String> getNodesDown() {
    return withJdkExceptions(() -> cluster.names(false));
  }

  @Override
  public long getReceivedBytes() {
    return cluster.received();
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
    operations.drain(Operations.Person.BY_JMX);
  }

  @Override
  public int evict(String what) {
    return withJdkExceptions(() -> operations.evict(what, Operations.Person.BY_JMX));
  }

  @Override
  public long purge(String what) {
    return withJdkExceptions(() -> operations.purge(what, false, Operations.Person.BY_JMX).bytes());
  }

  @Override
  public List<String> getPins() {
    return withJdkExceptions(operations::pins).stream().map(PinList.Entry::pattern).toList();
  }

  @Override
  public boolean pin(String pattern) {
    return withJdkExceptions(() -> operations.pin(pattern, Operations.Person.BY_JMX));
  }

  @Override
  public boolean unpin(String pattern) {
    return withJdkExceptions(() -> operations.unpin(pattern, Operations.Person.BY_JMX));
  }

  @Override
  public void verify() {
    operations.verify(Operations.Person.BY_JMX);
  }

  @Override
  public boolean rest(String upstream, boolean offline) {
    return withJdkExceptions(
        () -> operations.rest(upstream, offline, Operations.Person.BY_JMX).isPresent());
  }
}
