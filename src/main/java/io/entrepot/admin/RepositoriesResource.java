package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.admin.Operations.Person;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code /api/repositories}: the repositories and what they hold. */
@Path("repositories")
@Produces(MediaType.APPLICATION_JSON)
public final class RepositoriesResource {
  private static final Pattern TAG = Pattern.compile("(.+)/tags/([^/]+)");
  private static final Pattern MANIFEST = Pattern.compile("(.+)/manifests/([^/]+:[^/]+)");

  private final Repositories repositories;
  private final Operations operations;

  public RepositoriesResource(Repositories repositories, Operations operations) {
    this.repositories = repositories;
    this.operations = operations;
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

  /**
   * Purges a repository, or with {@code /tags/…} or {@code /manifests/…} at the end one of its tags
   * or manifests. A name that ends so itself cannot be purged as a whole by this.
   *
   * @param path the name of the repository, as clients use it in a path, and perhaps what of it
   * @param ns the query parameter {@code ns} that containerd would send, or null
   * @param dryRun {@code true} to change nothing and to tell what would go
   */
  @DELETE
  @Path("{name: .+}")
  public Purged purge(
      @PathParam("name") String path,
      @QueryParam("ns") @Nullable String ns,
      @QueryParam("dryRun") @Nullable String dryRun,
      @Context HttpServletRequest request) {
    boolean dry = Flags.parse("dryRun", dryRun);
    Person person = Person.of(viewer(request));
    Matcher tag = TAG.matcher(path);
    Matcher manifest = MANIFEST.matcher(path);
    Purged purged;
    if (tag.matches()) {
      Tag wanted = Tag.parse(tag.group(2));
      purged = operations.purgeTag(named(tag.group(1), ns, person), wanted, dry, person);
    } else if (manifest.matches()) {
      Digest wanted = Digest.parse(manifest.group(2));
      purged = operations.purgeManifest(named(manifest.group(1), ns, person), wanted, dry, person);
    } else {
      purged = operations.purgeRepository(named(path, ns, person), dry, person);
    }
    if (purged.isNothing()) {
      throw nothing(path);
    }
    return purged;
  }

  /** What somebody may not pull looks like what does not exist. */
  private RepositoryName named(String name, @Nullable String ns, Person person) {
    RepositoryName stored = repositories.named(RepositoryName.parse(name), ns, null);
    if (!person.viewer().mayPull(stored.value())) {
      throw nothing(name);
    }
    return stored;
  }

  private static Viewer viewer(HttpServletRequest request) {
    return Viewer.of(request.getAttribute(Viewer.ATTRIBUTE));
  }

  private static NotFoundException nothing(String name) {
    return new NotFoundException("nothing of " + name + " is here");
  }
}
