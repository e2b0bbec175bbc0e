package io.entrepot.admin;

import io.entrepot.access.Viewer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;

/** {@code /api/fills}: the blobs that are being fetched. */
@Path("fills")
@Produces(MediaType.APPLICATION_JSON)
public final class FillsResource {
  private final Statistics statistics;

  public FillsResource(Statistics statistics) {
    this.statistics = statistics;
  }

  /** At most a thousand fills of repositories that the viewer may pull, the oldest first. */
  @GET
  public Map<String, List<Statistics.FillInfo>> fills(@Context HttpServletRequest request) {
    Viewer viewer = Viewer.of(request.getAttribute(Viewer.ATTRIBUTE));
    return Map.of("fills", statistics.fills(viewer));
  }
}
