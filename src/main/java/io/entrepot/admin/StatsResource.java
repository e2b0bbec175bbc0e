package io.entrepot.admin;

import io.entrepot.cache.Scrub;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.CatalogStats;
import io.entrepot.expiry.Leases;
import io.entrepot.routing.UpstreamStatus;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/** {@code /api/stats}: what is held, what is under way, and what was done since the start. */
@Path("stats")
@Produces(MediaType.APPLICATION_JSON)
public final class StatsResource {
  private final Catalog catalog;
  private final Leases leases;
  private final InFlightBlobs inFlight;
  private final Scrub scrub;
  private final MeterRegistry meters;
  private final Clock clock;
  private final String upstream;
  private final Supplier<List<UpstreamStatus>> upstreams;
  private final Instant startedAt;

  /**
   * Wires the collaborators.
   *
   * @param upstream where it pulls from by default, for people to see
   * @param upstreams tells how each stands; must answer at once
   */
  public StatsResource(
      Catalog catalog,
      Leases leases,
      InFlightBlobs inFlight,
      Scrub scrub,
      MeterRegistry meters,
      Clock clock,
      String upstream,
      Supplier<List<UpstreamStatus>> upstreams) {
    this.catalog = catalog;
    this.leases = leases;
    this.inFlight = inFlight;
    this.scrub = scrub;
    this.meters = meters;
    this.clock = clock;
    this.upstream = upstream;
    this.upstreams = upstreams;
    this.startedAt = clock.instant();
  }

  /**
   * The statistics.
   *
   * @param held what the catalog knows
   * @param requests finished, by {@code kind/outcome}
   * @param pulledBytes from the upstream since the start
   * @param pushedBytes to clients since the start
   */
  public record Stats(
      String upstream,
      List<UpstreamStatus> upstreams,
      long uptimeSeconds,
      CatalogStats held,
      long leases,
      int fillsInFlight,
      Map<String, Long> requests,
      long pulledBytes,
      long pushedBytes,
      long evictions,
      Scrub.Progress scrub) {}

  @GET
  public Stats stats() {
    return new Stats(
        upstream,
        upstreams.get(),
        Duration.between(startedAt, clock.instant()).toSeconds(),
        catalog.stats(),
        leases.count(),
        inFlight.size(),
        requests(),
        sum("entrepot.pulled"),
        sum("entrepot.pushed"),
        sum("entrepot.evictions"),
        scrub.progress());
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
}
