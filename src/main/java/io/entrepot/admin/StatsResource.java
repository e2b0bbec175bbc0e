package io.entrepot.admin;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/stats}: the statistics of this cache. */
@Path("stats")
@Produces(MediaType.APPLICATION_JSON)
public final class StatsResource {
  private final Statistics statistics;

  public StatsResource(Statistics statistics) {
    this.statistics = statistics;
  }

  /** What is stored, what is being fetched, how each upstream does, and the counters. */
  @GET
  public Statistics.Stats stats() {
    return statistics.stats();
  }
}
