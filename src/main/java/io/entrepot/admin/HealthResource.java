package io.entrepot.admin;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/** {@code /api/health}: for people, load balancers and Kubernetes probes. */
@Path("health")
@Produces(MediaType.APPLICATION_JSON)
public final class HealthResource {
  private final Health health;

  public HealthResource(Health health) {
    this.health = health;
  }

  /** The whole report; 503 while not ready. */
  @GET
  public Response report() {
    Health.Report report = health.report();
    return Response.status(report.ready() ? 200 : 503).entity(report).build();
  }

  /** Alive, which an answer proves. */
  @GET
  @Path("live")
  public Map<String, Boolean> live() {
    return Map.of("live", true);
  }

  /** As {@link #report}, under the name that probes use. */
  @GET
  @Path("ready")
  public Response ready() {
    return report();
  }
}
