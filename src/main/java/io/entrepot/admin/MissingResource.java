package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.cache.Missing;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Map;

/**
 * {@code /api/missing}: the content that clients requested, that is not stored, and whose upstream
 * is set to offline.
 */
@Path("missing")
@Produces(MediaType.APPLICATION_JSON)
public final class MissingResource {
  private final Missing missing;

  public MissingResource(Missing missing) {
    this.missing = missing;
  }

  /**
   * Missing content.
   *
   * @param reference the content, as people write it
   * @param times how often it was requested
   * @param first the time of the first request, in ISO 8601
   * @param last the time of the last request, in ISO 8601
   */
  public record Entry(String reference, long times, String first, String last) {
    private static Entry of(Missing.Wish wish) {
      return new Entry(
          wish.reference(), wish.times(), wish.first().toString(), wish.last().toString());
    }
  }

  /** What clients requested in vain while its upstream was offline. */
  @GET
  public Map<String, List<Entry>> missing(@Context HttpServletRequest request) {
    Viewer viewer = Viewer.of(request.getAttribute(Viewer.ATTRIBUTE));
    return Map.of(
        "missing",
        missing.wishes().stream()
            .filter(wish -> viewer.mayPull(wish.repository()))
            .map(Entry::of)
            .toList());
  }
}
