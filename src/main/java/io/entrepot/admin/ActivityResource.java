package io.entrepot.admin;

import io.entrepot.access.Audit;
import io.entrepot.access.Viewer;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.ForbiddenException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;

/** {@code /api/activity}: the latest events of the audit log, for who may manage this cache. */
@Path("activity")
@Produces(MediaType.APPLICATION_JSON)
public final class ActivityResource {
  private final Audit audit;

  public ActivityResource(Audit audit) {
    this.audit = audit;
  }

  /** The latest refusals, failed logins and changes, the newest first. */
  @GET
  public Map<String, List<Audit.Entry>> activity(@Context HttpServletRequest request) {
    if (!Viewer.of(request.getAttribute(Viewer.ATTRIBUTE)).mayManage()) {
      throw new ForbiddenException("the activity is shown to who may manage this cache");
    }
    return Map.of("activity", audit.latest());
  }
}
