package io.entrepot.admin;

import io.entrepot.cache.explain.Explanation;
import io.entrepot.cache.explain.Explanations;
import io.entrepot.oci.ImageReference;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.MediaType;
import org.jspecify.annotations.Nullable;

/** {@code /api/explain}: what a pull would get, and why. */
@Path("explain")
@Produces(MediaType.APPLICATION_JSON)
public final class ExplainResource {
  private final Explanations explanations;

  public ExplainResource(Explanations explanations) {
    this.explanations = explanations;
  }

  /**
   * Explains one reference; 400 where it is none.
   *
   * @param reference as Docker writes it, such as {@code ghcr.io/owner/image:1}
   * @param ns what containerd would send, or null
   * @param host the host name that the client would come to, or null
   */
  @GET
  public Explanation explain(
      @QueryParam("reference") @Nullable String reference,
      @QueryParam("ns") @Nullable String ns,
      @QueryParam("host") @Nullable String host) {
    if (reference == null) {
      throw new BadRequestException("?reference= is missing, such as ?reference=ubuntu:24.04");
    }
    return explanations.explain(ImageReference.parse(reference), ns, host);
  }
}
