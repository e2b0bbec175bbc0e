package io.entrepot.admin;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.entrepot.cache.Scrub;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.CatalogStats;
import io.entrepot.catalog.Sighting;
import io.entrepot.catalog.TagEntry;
import io.entrepot.expiry.Leases;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.routing.Sources;
import io.entrepot.routing.UpstreamStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What a person can know of a running cache: what is held, what is under way, what was done since
 * the start, and what a tag has been. REST and JMX both show it. May ask the database. Thread-safe.
 */
public final class Statistics {
  private final Sources sources;
  private final Local local;
  private final MeterRegistry meters;
  private final Clock clock;
  private final Instant startedAt;

  /**
   * What is on this machine.
   *
   * @param fills how many blobs are being fetched, or wait for it
   */
  public record Local(Catalog catalog, Leases leases, Scrub scrub, IntSupplier fills) {}

  /** Wires the collaborators; time counts from now. */
  public Statistics(Sources sources, Local local, MeterRegistry meters, Clock clock) {
    this.sources = sources;
    this.local = local;
    this.meters = meters;
    this.clock = clock;
    this.startedAt = clock.instant();
  }

  /**
   * The figures of one moment.
   *
   * @param upstream where it pulls from by default
   * @param upstreams how each stands
   */
  public record Stats(
      String upstream,
      List<UpstreamStatus> upstreams,
      long uptimeSeconds,
      @JsonUnwrapped Here here,
      @JsonUnwrapped Done done) {}

  /**
   * What is here.
   *
   * @param held what the catalog knows
   * @param leases digests that have a lease
   * @param fillsInFlight blobs that are being fetched, or wait for it
   */
  public record Here(CatalogStats held, long leases, int fillsInFlight, Scrub.Progress scrub) {}

  /**
   * What was done since the start.
   *
   * @param requests finished, by {@code kind/outcome}
   * @param pulledBytes from the upstream
   * @param pushedBytes to clients
   * @param evictions digests that went from the disk
   */
  public record Done(
      Map<String, Long> requests, long pulledBytes, long pushedBytes, long evictions) {}

  /** The figures now. */
  public Stats stats() {
    return new Stats(
        sources.fallback().url().toString(),
        sources.upstreams().stream().map(ProxiedUpstream::status).toList(),
        Duration.between(startedAt, clock.instant()).toSeconds(),
        new Here(
            local.catalog().stats(),
            local.leases().count(),
            local.fills().getAsInt(),
            local.scrub().progress()),
        new Done(
            requests(), sum("entrepot.pulled"), sum("entrepot.pushed"), sum("entrepot.evictions")));
  }

  private Map<String, Long> requests() {
    Map<String, Long> requests = new TreeMap<>();
    for (Timer timer : meters.find("entrepot.requests").timers()) {
      String name = timer.getId().getTag("kind") + "/" + timer.getId().getTag("outcome");
      requests.merge(name, timer.count(), Long::sum);
    }
    return requests;
  }

  private long sum(String counter) {
    return (long) meters.find(counter).counters().stream().mapToDouble(Counter::count).sum();
  }

  /**
   * What is known of a tag.
   *
   * @param repository its name here
   * @param digest what clients get now, or null while the tag is not here
   * @param history the upstream's latest word first, at most a hundred digests
   */
  public record History(
      String repository, String tag, @Nullable String digest, List<Entry> history) {}

  /**
   * One digest that the upstream has named for a tag.
   *
   * @param firstSeen in ISO 8601
   * @param served whether clients ever got it by this tag
   */
  public record Entry(String digest, String firstSeen, String lastSeen, boolean served) {
    private static Entry of(Sighting sighting) {
      return new Entry(
          sighting.digest().toString(),
          sighting.firstSeen().toString(),
          sighting.lastSeen().toString(),
          sighting.served());
    }
  }

  /**
   * The history of one tag; empty where the upstream was never asked about it.
   *
   * @param name of the repository, here or as clients name it in a path
   * @throws io.entrepot.oci.OciException where no upstream is meant by the name
   */
  public Optional<History> history(RepositoryName name, Tag tag) {
    RepositoryName repository = sources.trace(name, null, null).source().repository();
    List<Sighting> history = local.catalog().tags().history(repository, tag);
    Optional<TagEntry> now = local.catalog().tags().find(repository, tag);
    return history.isEmpty()
        ? Optional.empty()
        : Optional.of(
            new History(
                repository.value(),
                tag.value(),
                now.map(entry -> entry.digest().toString()).orElse(null),
                history.stream().map(Entry::of).toList()));
  }
}
