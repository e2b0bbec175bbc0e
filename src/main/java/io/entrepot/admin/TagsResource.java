package io.entrepot.admin;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Sighting;
import io.entrepot.catalog.TagEntry;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Routes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** {@code /api/tags}: what the upstream has said of a tag over time. */
@Path("tags")
@Produces(MediaType.APPLICATION_JSON)
public final class TagsResource {
  private final Routes routes;
  private final Catalog catalog;

  public TagsResource(Routes routes, Catalog catalog) {
    this.routes = routes;
    this.catalog = catalog;
  }

  /**
   * What is known of a tag.
   *
   * @param repository its name here
   * @param digest what clients get now, or null while the tag is not here
   * @param history the upstream's latest word first, at most a hundred digests
   */
  public record History(
      String repository, String tag, @Nullable String digest, List<Entry> history) {}

  /**
   * One digest that the upstream has named.
   *
   * @param firstSeen in ISO 8601
   * @param served whether clients ever got it by this tag
   */
  public record Entry(String digest, String firstSeen, String lastSeen, boolean served) {
    private static Entry of(Sighting sighting) {
      return new Entry(
          sighting.digest().toString(),
          sighting.firstSeen().toString(),
          sighting.lastSeen().toString(),
          sighting.served());
    }
  }

  /**
   * The history of one tag; 404 where the upstream was never asked about it.
   *
   * @param name of the repository, here or as clients name it in a path, slashes included
   */
  @GET
  @Path("{name: .+}/{tag: [^/]+}/history")
  public History history(@PathParam("name") String name, @PathParam("tag") String tag) {
    RepositoryName repository = routes.trace(RepositoryName.parse(name), null, null).repository();
    Tag wanted = Tag.parse(tag);
    List<Sighting> history = catalog.tags().history(repository, wanted);
    if (history.isEmpty()) {
      throw new NotFoundException("nothing is known of " + repository + ":" + wanted);
    }
    Optional<TagEntry> now = catalog.tags().find(repository, wanted);
    return new History(
        repository.value(),
        wanted.value(),
        now.map(entry -> entry.digest().toString()).orElse(null),
        history.stream().map(Entry::of).toList());
  }
}
