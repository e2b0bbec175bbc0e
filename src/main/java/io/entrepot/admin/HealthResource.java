package io.entrepot.admin;

import io.entrepot.access.Viewer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.util.Map;

/** {@code /api/health}: the health check for people, load balancers and Kubernetes probes. */
@Path("health")
@Produces(MediaType.APPLICATION_JSON)
public final class HealthResource {
  private final Health health;

  public HealthResource(Health health) {
    this.health = health;
  }

  /** The report of all checks. The status is 503 while the cache is not ready. */
  @GET
  public Response report() {
    Health.Report report = health.report();
    return Response.status(report.ready() ? 200 : 503).entity(report).build();
  }

  /** Always answers that the cache is live: a cache that answers is live. */
  @GET
  @Path("live")
  public Map<String, Boolean> live() {
    return Map.of("live", true);
  }

  /**
   * The same as {@link #report}, under the usual path for probes. It says no more than whether this
   * cache is ready, if there are rules for who may view: probes have no password.
   */
  @GET
  @Path("ready")
  public Response ready(@Context HttpServletRequest request) {
    if (Viewer.of(request.getAttribute(Viewer.ATTRIBUTE)).rules() == null) {
      return report();
    }
    boolean ready = health.report().ready();
    return Response.status(ready ? 200 : 503).entity(Map.of("ready", ready)).build();
  }
}
