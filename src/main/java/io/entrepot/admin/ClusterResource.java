package io.entrepot.admin;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/cluster}: the nodes, and what they have in common. */
@Path("cluster")
@Produces(MediaType.APPLICATION_JSON)
public final class ClusterResource {
  private final ClusterStatistics statistics;

  public ClusterResource(ClusterStatistics statistics) {
    this.statistics = statistics;
  }

  /** The nodes, the tables of the database, and what waits to be put into the bucket. */
  @GET
  public ClusterStatistics.ClusterState cluster() {
    return statistics.state();
  }
}
