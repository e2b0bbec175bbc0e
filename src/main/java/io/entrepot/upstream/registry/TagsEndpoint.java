package io.entrepot.upstream.registry;

import com.fasterxml.jackson.databind.JsonNode;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Page;
import io.entrepot.oci.Query;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.StringJoiner;
import org.jspecify.annotations.Nullable;

/** The lists of tags of a registry (end-8a, end-8b). Thread-safe. */
final class TagsEndpoint {
  private final URI root;
  private final AuthorizedTransport transport;

  TagsEndpoint(URI root, AuthorizedTransport transport) {
    this.root = root;
    this.transport = transport;
  }

  TagPage list(RepositoryName repository, Page page, Call call) throws UpstreamException {
    URI uri = root.resolve("/v2/" + repository + "/tags/list" + query(page));
    try (Answer answer = transport.sendForOk(UpstreamRequest.get(uri), call)) {
      JsonNode node = JsonBody.read(answer).path("tags");
      if (!node.isArray() && !node.isNull()) {
        throw UpstreamFailures.invalid(answer, "it has no list of tags");
      }
      List<String> tags = new ArrayList<>();
      for (JsonNode tag : node) {
        if (tag.isTextual() && isTag(tag.asText())) {
          tags.add(tag.asText());
        }
      }
      return new TagPage(List.copyOf(tags), next(answer, page, tags));
    }
  }

  private static String query(Page page) {
    StringJoiner query = new StringJoiner("&", "?", "").setEmptyValue("");
    if (page.n() != null) {
      query.add("n=" + page.n());
    }
    if (page.last() != null) {
      query.add("last=" + URLEncoder.encode(page.last(), StandardCharsets.UTF_8));
    }
    return query.toString();
  }

  /** Text that is no tag cannot be pulled, and must not reach a terminal (S17). */
  private static boolean isTag(String text) {
    try {
      Tag.parse(text);
      return true;
    } catch (OciException e) {
      return false;
    }
  }

  /**
   * Reads the link to the next page. Only its {@code n} and {@code last} are used. Where it has
   * neither, the next page is what follows the last tag of this one.
   */
  private static @Nullable Page next(Answer answer, Page page, List<String> tags)
      throws UpstreamException {
    URI link = NextLink.parse(answer.headers("Link")).orElse(null);
    if (link == null) {
      return null;
    }
    try {
      Query query = Query.parse(link.getRawQuery());
      Page next = Page.parse(query.get("n"), query.get("last"));
      String end = tags.isEmpty() ? null : tags.get(tags.size() - 1);
      String last = next.last() == null ? end : next.last();
      return last == null ? null : new Page(next.n() == null ? page.n() : next.n(), last);
    } catch (OciException e) {
      throw UpstreamFailures.invalid(answer, "its link to the next page: " + e.getMessage());
    }
  }
}
