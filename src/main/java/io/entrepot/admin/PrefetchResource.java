package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.admin.Operations.Person;
import io.entrepot.admin.PrefetchList.JobInfo;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** {@code /api/prefetch}: images that are fetched before somebody asks for them. */
@Path("prefetch")
@Produces(MediaType.APPLICATION_JSON)
public final class PrefetchResource {
  private static final Set<String> FIELDS = Set.of("reference", "platforms", "referrers");

  private final Operations operations;

  public PrefetchResource(Operations operations) {
    this.operations = operations;
  }

  /** The jobs for repositories that the viewer may pull, the oldest first. */
  @GET
  public Map<String, List<JobInfo>> jobs(@Context HttpServletRequest request) {
    return Map.of("jobs", operations.prefetches(person(request)));
  }

  /**
   * Begins a job: the image of {@code reference}, of an index only {@code platforms} if there are
   * any, and with {@code referrers} what refers to it.
   */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response begin(InputStream body, @Context HttpServletRequest request) {
    RequestJson json = RequestJson.read(body, FIELDS);
    boolean referrers = Boolean.TRUE.equals(json.flag("referrers"));
    JobInfo job =
        operations.prefetch(
            json.text("reference"), json.texts("platforms"), referrers, person(request));
    return Response.accepted(job).header("Location", "/api/prefetch/" + job.id()).build();
  }

  /** The progress of one job. */
  @GET
  @Path("{id}")
  public JobInfo job(@PathParam("id") String id, @Context HttpServletRequest request) {
    return operations.prefetches(person(request)).stream()
        .filter(job -> job.id().equals(id))
        .findFirst()
        .orElseThrow(() -> unknown(id));
  }

  /** Cancels a job. What it has fetched stays. */
  @DELETE
  @Path("{id}")
  public JobInfo cancel(@PathParam("id") String id, @Context HttpServletRequest request) {
    job(id, request);
    operations.cancelPrefetch(id, person(request));
    return job(id, request);
  }

  private static NotFoundException unknown(String id) {
    return new NotFoundException(
        "there is no job "
            + id
            + "; a job that is over is forgotten at a restart and after many others");
  }

  private static Person person(HttpServletRequest request) {
    return Person.of(Viewer.of(request.getAttribute(Viewer.ATTRIBUTE)));
  }
}
