package io.entrepot.upstream.registry;

import io.entrepot.oci.OciError;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.RegistryError;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.RegistryMarks;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.net.URI;
import java.util.List;
import java.util.Set;

/** The lists of tags of a registry (end-8a, end-8b). Thread-safe. */
final class TagsEndpoint {
  /** What these mean is the same for all requests. Any other 4xx is about the parameters. */
  private static final Set<Integer> NOT_ABOUT_PARAMETERS = Set.of(401, 403, 404, 407, 408, 429);

  private final URI root;
  private final AuthorizedTransport transport;

  TagsEndpoint(URI root, AuthorizedTransport transport) {
    this.root = root;
    this.transport = transport;
  }

  /**
   * Asks for one page.
   *
   * @param query encoded; empty for none
   */
  TagPage list(RepositoryName repository, String query, Call call) throws UpstreamException {
    String path = "/v2/" + repository + "/tags/list";
    URI uri = root.resolve(query.isEmpty() ? path : path + "?" + query);
    try (Answer answer = transport.send(UpstreamRequest.get(uri), call)) {
      int status = answer.status();
      if (status / 100 == 4
          && !NOT_ABOUT_PARAMETERS.contains(status)
          && !RegistryMarks.isForeign(answer)) {
        return new TagPage(List.of(), null, refusal(answer));
      }
      if (status != 200) {
        throw transport.failure(answer);
      }
      List<String> tags = TagListBody.read(answer);
      return new TagPage(tags, NextLink.query(answer, "list"));
    }
  }

  /** What the upstream says about the parameters of a request. */
  private static TagPage.Refusal refusal(Answer answer) {
    RegistryError error = RegistryError.read(answer.drain());
    String said = error.message();
    return new TagPage.Refusal(
        error.knownCode().orElse(OciError.PAGE_INVALID.code()),
        "the upstream refuses the parameters of this request with status "
            + answer.status()
            + (said.isEmpty() || !answer.isFromUpstream() ? "" : ": " + answer.quote(said)));
  }
}
