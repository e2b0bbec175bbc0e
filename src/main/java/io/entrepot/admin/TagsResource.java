package io.entrepot.admin;

import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;

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
   * @param name the name of the repository in this cache, or the name that clients use in a path;
   *     may contain slashes
   */
  @GET
  @Path("{name: .+}/{tag: [^/]+}/history")
  public Statistics.History history(@PathParam("name") String name, @PathParam("tag") String tag) {
    RepositoryName repository = RepositoryName.parse(name);
    Tag wanted = Tag.parse(tag);
    return statistics
        .history(repository, wanted)
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
