package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
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

/** {@code /api/repositories}: the repositories and what they hold. */
@Path("repositories")
@Produces(MediaType.APPLICATION_JSON)
public final class RepositoriesResource {
  private final Repositories repositories;

  public RepositoriesResource(Repositories repositories) {
    this.repositories = repositories;
  }

  /**
   * Lists the repositories that hold something.
   *
   * @param q a text that the name contains, or null
   * @param upstream the name of the upstream, or null for all
   * @param sort {@code name}, {@code size} or {@code used}
   * @param n the number of entries, 1 to 1,000; 100 if it is not set
   * @param last the value of {@code next} in the page before
   */
  @GET
  public Repositories.Listing list(
      @QueryParam("q") @Nullable String q,
      @QueryParam("upstream") @Nullable String upstream,
      @QueryParam("sort") @Nullable String sort,
      @QueryParam("n") @Nullable String n,
      @QueryParam("last") @Nullable String last,
      @Context HttpServletRequest request) {
    return repositories.list(
        new Repositories.Query(q, upstream, sort, Page.parse(n, last)), viewer(request));
  }

  /**
   * Shows one repository with a page of its tags.
   *
   * @param name the name of the repository, as clients use it in a path; may contain slashes
   * @param ns the query parameter {@code ns} that containerd would send, or null
   * @param n the number of tags, 1 to 100; 20 if it is not set
   * @param last the value of {@code next} in the page before
   */
  @GET
  @Path("{name: .+}")
  public Repositories.Detailed show(
      @PathParam("name") String name,
      @QueryParam("ns") @Nullable String ns,
      @QueryParam("n") @Nullable String n,
      @QueryParam("last") @Nullable String last,
      @Context HttpServletRequest request) {
    Page page = Page.parse(n, last);
    RepositoryName stored = repositories.named(RepositoryName.parse(name), ns, null);
    return repositories.find(stored, page, viewer(request)).orElseThrow(() -> nothing(name));
  }

  private static Viewer viewer(HttpServletRequest request) {
    return Viewer.of(request.getAttribute(Viewer.ATTRIBUTE));
  }

  private static NotFoundException nothing(String name) {
    return new NotFoundException("nothing of " + name + " is here");
  }
}
