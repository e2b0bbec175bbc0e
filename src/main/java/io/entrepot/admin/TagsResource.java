package io.entrepot.admin;

import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

/** {@code /api/tags}: what the upstream has said of a tag over time. */
@Path("tags")
@Produces(MediaType.APPLICATION_JSON)
public final class TagsResource {
  private final Statistics statistics;

  public TagsResource(Statistics statistics) {
    this.statistics = statistics;
  }

  /**
   * The history of one tag; 404 where the upstream was never asked about it.
   *
   * @param name of the repository, here or as clients name it in a path, slashes included
   */
  @GET
  @Path("{name: .+}/{tag: [^/]+}/history")
  public Statistics.History history(@PathParam("name") String name, @PathParam("tag") String tag) {
    RepositoryName repository = RepositoryName.parse(name);
    Tag wanted = Tag.parse(tag);
    return statistics
        .history(repository, wanted)
        .orElseThrow(
            () -> new NotFoundException("nothing is known of " + repository + ":" + wanted));
  }
}
