package io.entrepot.admin;

import io.entrepot.access.Viewer;
import io.entrepot.admin.Operations.Person;
import io.entrepot.oci.Digest;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.NotFoundException;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.PathParam;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** {@code /api/blobs}: digests of all repositories. */
@Path("blobs")
@Produces(MediaType.APPLICATION_JSON)
public final class BlobsResource {
  private final Operations operations;

  public BlobsResource(Operations operations) {
    this.operations = operations;
  }

  /**
   * Purges a digest from all repositories that the person may pull.
   *
   * @param dryRun {@code true} to change nothing and to tell what would go
   */
  @DELETE
  @Path("{digest}")
  public Purged purge(
      @PathParam("digest") String digest,
      @QueryParam("dryRun") @Nullable String dryRun,
      @Context HttpServletRequest request) {
    Person person = Person.of(Viewer.of(request.getAttribute(Viewer.ATTRIBUTE)));
    Purged purged =
        operations.purgeBlob(Digest.parse(digest), Flags.parse("dryRun", dryRun), person);
    if (purged.isNothing()) {
      throw new NotFoundException("nothing has " + digest + " here");
    }
    return purged;
  }
}
