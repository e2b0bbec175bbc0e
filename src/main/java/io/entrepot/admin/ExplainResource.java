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

/** {@code /api/explain}: explains what a pull of an image would do, and why. */
@Path("explain")
@Produces(MediaType.APPLICATION_JSON)
public final class ExplainResource {
  private final Explanations explanations;

  public ExplainResource(Explanations explanations) {
    this.explanations = explanations;
  }

  /**
   * Explains one reference. Answers 400 if the text is not a reference.
   *
   * @param reference an image reference as Docker writes it, such as {@code ghcr.io/owner/image:1}
   * @param ns the query parameter {@code ns} that containerd would send, or null
   * @param host the host name of this cache that the client would use, or null
   */
  @GET
  public Explanation explain(
      @QueryParam("reference") @Nullable String reference,
      @QueryParam("ns") @Nullable String ns,
      @QueryParam("host") @Nullable String host) {
    if (reference == null) {
      throw new BadRequestException(
          "the parameter reference is missing; write for example ?reference=ubuntu:24.04");
    }
    return explanations.explain(ImageReference.parse(reference), ns, host);
  }
}
