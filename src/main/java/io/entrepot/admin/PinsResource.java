package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.admin.Operations.Person;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import jakarta.ws.rs.core.Response;
import java.io.InputStream;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** {@code /api/pins}: what never expires. */
@Path("pins")
@Produces(MediaType.APPLICATION_JSON)
public final class PinsResource {
  private final Operations operations;

  public PinsResource(Operations operations) {
    this.operations = operations;
  }

  /** All pins: those of the settings, and those that were added. */
  @GET
  public Map<String, List<PinList.Entry>> pins() {
    return Map.of("pins", operations.pins());
  }

  /** Adds the pin of the field {@code pattern}. Answers 201 if it is new, else 200. */
  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public Response add(InputStream body, @Context HttpServletRequest request) {
    String pattern = RequestJson.read(body, Set.of("pattern")).text("pattern");
    boolean isNew = operations.pin(pattern, person(request));
    return Response.status(isNew ? 201 : 200).entity(pins()).build();
  }

  /** Takes a pin away. Answers the same if it was not there. */
  @DELETE
  public Map<String, List<PinList.Entry>> remove(
      @QueryParam("pattern") @Nullable String pattern, @Context HttpServletRequest request) {
    if (pattern == null) {
      throw new BadRequestException("the parameter pattern is missing");
    }
    operations.unpin(pattern, person(request));
    return pins();
  }

  private static Person person(HttpServletRequest request) {
    return Person.of(Viewer.of(request.getAttribute(Viewer.ATTRIBUTE)));
  }
}
