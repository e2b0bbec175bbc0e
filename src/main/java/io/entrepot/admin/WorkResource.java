package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.admin.Operations.Person;
import io.entrepot.oci.Quoted;
import io.entrepot.routing.UpstreamStatus;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.Map;
import java.util.Set;

/** What a person can begin: {@code /api/verify}, {@code /api/drain}, and rests of upstreams. */
@Path("")
@Produces(MediaType.APPLICATION_JSON)
public final class WorkResource {
  private final Operations operations;

  public WorkResource(Operations operations) {
    this.operations = operations;
  }

  /** Begins to verify everything in the store. */
  @POST
  @Path("verify")
  public Response verify(@Context HttpServletRequest request) {
    operations.verify(person(request));
    return accepted("everything is verified; /api/stats shows the progress below scrub");
  }

  /** Refuses new requests, and lets unfinished ones finish. */
  @POST
  @Path("drain")
  public Response drain(@Context HttpServletRequest request) {
    operations.drain(person(request));
    return accepted("no more requests are taken; unfinished ones finish");
  }

  /** Takes an upstream out if the field {@code offline} is true, or back in if it is false. */
  @POST
  @Path("upstreams/{name}/rest")
  @Consumes(MediaType.APPLICATION_JSON)
  public UpstreamStatus rest(
      @PathParam("name") String name, InputStream body, @Context HttpServletRequest request) {
    Boolean offline = RequestJson.read(body, Set.of("offline")).flag("offline");
    if (offline == null) {
      throw new BadRequestException("the field offline must be true or false");
    }
    return operations
        .rest(name, offline, person(request))
        .orElseThrow(() -> new NotFoundException("there is no upstream " + Quoted.of(name)));
  }

  private static Response accepted(String message) {
    return Response.accepted(Map.of("message", message)).build();
  }

  private static Person person(HttpServletRequest request) {
    return Person.of(Viewer.of(request.getAttribute(Viewer.ATTRIBUTE)));
  }
}
