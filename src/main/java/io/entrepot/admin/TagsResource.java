package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** {@code /api/tags}: the digests that the upstream has returned for a tag over time. */
@Path("tags")
@Produces(MediaType.APPLICATION_JSON)
public final class TagsResource {
  private final Statistics statistics;

  public TagsResource(Statistics statistics) {
    this.statistics = statistics;
  }

  /**
   * The history of one tag. Answers 404 if the upstream was never asked about the tag.
   *
   * @param name the name of the repository, as clients use it in a path; may contain slashes
   * @param ns the query parameter {@code ns} that containerd would send, or null
   * @param host the host name of this cache that the client would use, or null
   */
  @GET
  @Path("{name: .+}/{tag: [^/]+}/history")
  public Statistics.History history(
      @PathParam("name") String name,
      @PathParam("tag") String tag,
      @QueryParam("ns") @Nullable String ns,
      @QueryParam("host") @Nullable String host,
      @Context HttpServletRequest request) {
    Viewer viewer = Viewer.of(request.getAttribute(Viewer.ATTRIBUTE));
    RepositoryName repository = RepositoryName.parse(name);
    Tag wanted = Tag.parse(tag);
    return statistics
        .history(repository, wanted, ns, host)
        .filter(found -> viewer.mayPull(found.stored()))
        .orElseThrow(
            () ->
                new NotFoundException(
                    "no history of "
                        + repository
                        + ":"
                        + wanted
                        + ": the upstream was never asked about it"));
  }
}
