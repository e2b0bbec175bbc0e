package io.entrepot.admin;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.entrepot.access.Viewer;
import io.entrepot.cache.Scrub;
import io.entrepot.cache.blobs.FillStatus;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.CatalogStats;
import io.entrepot.catalog.Sighting;
import io.entrepot.catalog.TagEntry;
import io.entrepot.database.DatabaseException;
import io.entrepot.expiry.DiskUsage;
import io.entrepot.expiry.Leases;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import io.entrepot.routing.UpstreamStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The statistics of a running cache: its stored content, its unfinished work, its counters since
 * the start, and the history of tags. REST and JMX both show them. May query the database.
 * Thread-safe.
 */
public final class Statistics implements Events.Progress {
  /** More than a person reads. */
  private static final int MAX_FILLS = 1_000;

  private final Sources sources;
  private final Local local;
  private final MeterRegistry meters;
  private final Clock clock;
  private final Instant startedAt;

  /**
   * The parts of the cache that statistics are read from.
   *
   * @param fills the blobs that are being fetched or wait to be fetched
   * @param memory what may be kept on the heap
   * @param disk how full the disk is
   */
  public record Local(
      Catalog catalog,
      Leases leases,
      Scrub scrub,
      InFlightBlobs fills,
      MemoryBudget memory,
      Supplier<DiskUsage> disk) {}

  /** Wires the collaborators. The uptime counts from now. */
  public Statistics(Sources sources, Local local, MeterRegistry meters, Clock clock) {
    this.sources = sources;
    this.local = local;
    this.meters = meters;
    this.clock = clock;
    this.startedAt = clock.instant();
  }

  /**
   * The statistics at one moment.
   *
   * @param upstream the URL of the default upstream
   * @param upstreams the status of each upstream
   */
  public record Stats(
      String upstream,
      List<UpstreamStatus> upstreams,
      long uptimeSeconds,
      @JsonUnwrapped Here here,
      @JsonUnwrapped Done done) {}

  /**
   * The current state.
   *
   * @param held the number of stored digests, bytes, manifests and so on; null while the database
   *     cannot be read
   * @param leases the number of digests that have a lease; null while the database cannot be read
   * @param fillsInFlight the number of blobs that are being fetched or wait to be fetched
   * @param scrub the progress of the scrub
   * @param memory the shares of the heap, and how much of each is in use
   * @param disk how full the disk is
   * @param unread why something is null; empty if nothing is
   */
  public record Here(
      @Nullable CatalogStats held,
      @Nullable Long leases,
      int fillsInFlight,
      Scrub.Progress scrub,
      List<MemoryBudget.Usage> memory,
      DiskUsage disk,
      List<String> unread) {}

  /**
   * The counters since the start.
   *
   * @param requests the number of finished requests, by {@code kind/outcome}
   * @param pulledBytes the number of bytes received from upstreams
   * @param pushedBytes the number of bytes sent to clients
   * @param evictions the number of digests deleted from the disk
   */
  public record Done(
      Map<String, Long> requests, long pulledBytes, long pushedBytes, long evictions) {}

  /** Computes the statistics now. */
  public Stats stats() {
    return new Stats(
        sources.fallback().url().toString(),
        sources.upstreams().stream().map(ProxiedUpstream::status).toList(),
        Duration.between(startedAt, clock.instant()).toSeconds(),
        here(),
        new Done(
            requests(), sum("entrepot.pulled"), sum("entrepot.pushed"), sum("entrepot.evictions")));
  }

  private Here here() {
    List<String> unread = new ArrayList<>();
    CatalogStats held = readable(local.catalog()::stats, unread);
    Long leases = readable(local.leases()::count, unread);
    return new Here(
        held,
        leases,
        local.fills().size(),
        local.scrub().progress(),
        local.memory().usage(),
        local.disk().get(),
        unread);
  }

  /** Everything else is known without the database, and is needed most when that is gone. */
  private static <T> @Nullable T readable(Supplier<T> counting, List<String> unread) {
    try {
      return counting.get();
    } catch (DatabaseException e) {
      unread.add(String.valueOf(e.getMessage()));
      return null;
    }
  }

  private Map<String, Long> requests() {
    Map<String, Long> requests = new TreeMap<>();
    for (Timer timer : meters.find("entrepot.requests").timers()) {
      String name = timer.getId().getTag("kind") + "/" + timer.getId().getTag("outcome");
      requests.merge(name, timer.count(), Long::sum);
    }
    return requests;
  }

  /**
   * What has been deleted from the disk since the start.
   *
   * @param digests how many digests
   */
  public record Evictions(long digests, long bytes) {}

  @Override
  public Evictions evictions() {
    return new Evictions(sum("entrepot.evictions"), sum("entrepot.evicted"));
  }

  private long sum(String counter) {
    return (long) meters.find(counter).counters().stream().mapToDouble(Counter::count).sum();
  }

  /**
   * A blob that is being fetched, or waits to be fetched.
   *
   * @param size in bytes, or null before the upstream has told it
   * @param bytesHere how many bytes clients can read
   * @param readers how many clients read it now
   * @param begun the time of the first request, in ISO 8601
   */
  public record FillInfo(
      String digest,
      @JsonUnwrapped Place place,
      @Nullable Long size,
      long bytesHere,
      @JsonUnwrapped Speed speed,
      int readers,
      String begun) {}

  /**
   * Where a blob comes from, and for whom.
   *
   * @param repository the repository of the first request, as clients use it in a path
   * @param upstream the name of the upstream that it comes from
   */
  public record Place(String repository, String upstream) {}

  /**
   * How fast a blob comes.
   *
   * @param bytesPerSecond how many bytes a second have come since the upstream answered
   * @param secondsLeft when it will be complete at this rate, or null if that cannot be told
   */
  public record Speed(long bytesPerSecond, @Nullable Long secondsLeft) {}

  @Override
  public List<FillInfo> fills(Viewer viewer) {
    return local
        .fills()
        .status(name -> viewer.mayPull(name.value()), MAX_FILLS, clock.instant())
        .stream()
        .map(this::info)
        .toList();
  }

  private FillInfo info(FillStatus fill) {
    RepositoryName repository = fill.name().repository();
    boolean known = fill.size() != FillStatus.UNKNOWN;
    Long left = known && fill.rate() > 0 ? (fill.size() - fill.here()) / fill.rate() : null;
    return new FillInfo(
        fill.name().digest().toString(),
        new Place(sources.pathOf(repository).orElse(repository).value(), fill.name().upstream()),
        known ? fill.size() : null,
        fill.here(),
        new Speed(fill.rate(), left),
        fill.readers(),
        fill.begunAt().toString());
  }

  /**
   * The history of a tag.
   *
   * @param repository the name of the repository, as clients use it in a path
   * @param digest the digest that clients get now, or null if the tag is not stored
   * @param history the digests that the upstream has returned, the latest first, at most a hundred
   * @param stored the name of the repository in this cache, which is not shown
   */
  public record History(
      String repository,
      String tag,
      @Nullable String digest,
      List<Entry> history,
      @JsonIgnore String stored) {}

  /**
   * A digest that the upstream has returned for a tag.
   *
   * @param firstSeen when the upstream first returned it, in ISO 8601
   * @param lastSeen when the upstream last returned it, in ISO 8601
   * @param served whether a client has ever received this digest for this tag
   */
  public record Entry(String digest, String firstSeen, String lastSeen, boolean served) {
    static Entry of(Sighting sighting) {
      return new Entry(
          sighting.digest().toString(),
          sighting.firstSeen().toString(),
          sighting.lastSeen().toString(),
          sighting.served());
    }
  }

  /**
   * Finds the history of one tag.
   *
   * @param name the name that clients use in a path
   * @param namespace the parameter {@code ns} that a client would send, or null
   * @param host the host name of this cache that a client would use, or null
   * @return the history; empty if the upstream was never asked about the tag
   * @throws io.entrepot.oci.OciException if the name belongs to no upstream
   */
  public Optional<History> history(
      RepositoryName name, Tag tag, @Nullable String namespace, @Nullable String host) {
    Source source = sources.trace(name, namespace, host).source();
    RepositoryName repository = source.repository();
    List<Sighting> history = local.catalog().tags().history(repository, tag);
    Optional<TagEntry> now = local.catalog().tags().find(repository, tag);
    return history.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new History(
                source.shown().value(),
                tag.value(),
                now.map(entry -> entry.digest().toString()).orElse(null),
                history.stream().map(Entry::of).toList(),
                repository.value()));
  }
}
