package io.entrepot.admin;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.entrepot.access.Viewer;
import io.entrepot.cache.explain.Explanation;
import io.entrepot.cache.explain.Explanations;
import io.entrepot.oci.ImageReference;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.ws.rs.BadRequestException;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.QueryParam;
import jakarta.ws.rs.core.Context;
import jakarta.ws.rs.core.MediaType;
import java.util.Set;
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
   * An explanation.
   *
   * @param explanation what a pull would do
   * @param access what the rules say, or null if there are none
   */
  public record Answer(
      @JsonUnwrapped Explanation explanation,
      @JsonInclude(JsonInclude.Include.NON_NULL) Viewer.@Nullable Finding access) {}

  /**
   * Explains one reference. Answers 400 if the text is not a reference.
   *
   * @param reference an image reference as Docker writes it, such as {@code ghcr.io/owner/image:1}
   * @param ns the query parameter {@code ns} that containerd would send, or null
   * @param host the host name of this cache that the client would use, or null
   * @param user the user whose rights to explain, as {@code NAME} or {@code WAY:NAME}, or {@code
   *     anonymous}; null for who asks
   * @param groups the groups that this user shall be in
   */
  @GET
  public Answer explain(
      @QueryParam("reference") @Nullable String reference,
      @QueryParam("ns") @Nullable String ns,
      @QueryParam("host") @Nullable String host,
      @QueryParam("user") @Nullable String user,
      @QueryParam("group") Set<String> groups,
      @Context HttpServletRequest request) {
    if (reference == null) {
      throw new BadRequestException(
          "the parameter reference is missing; write for example ?reference=ubuntu:24.04");
    }
    Viewer viewer = Viewer.of(request.getAttribute(Viewer.ATTRIBUTE));
    Explanation explanation = explanations.explain(ImageReference.parse(reference), ns, host);
    Explanation.Lead lead = explanation.route();
    if (lead == null) {
      return new Answer(explanation, null);
    }
    String repository = lead.upstream() + "/" + lead.remote();
    Viewer.Finding finding = finding(viewer, user, groups, repository);
    return viewer.mayPull(repository)
        ? new Answer(explanation, finding)
        : new Answer(explanation.withoutFacts("you may not pull " + reference), finding);
  }

  private static Viewer.@Nullable Finding finding(
      Viewer viewer, @Nullable String user, Set<String> groups, String repository) {
    if (user == null && !groups.isEmpty()) {
      throw new BadRequestException("the parameter group needs the parameter user");
    }
    try {
      return viewer.explain(user, groups, repository).orElse(null);
    } catch (IllegalArgumentException e) {
      throw new BadRequestException("the parameter user: " + e.getMessage());
    }
  }
}
