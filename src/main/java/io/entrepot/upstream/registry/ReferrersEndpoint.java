package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.MediaType;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.Origin;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.Location;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The lists of referrers of a registry (end-12a, end-12b). Where a registry has no such API, the
 * fallback tag (distribution-spec 1.1, "Unavailable Referrers API"). Thread-safe.
 */
final class ReferrersEndpoint {
  /** Far more than the referrers of any known subject need. */
  private static final int MAX_PAGES = 16;

  private static final int MAX_TAG_HEX = 64;

  private final URI root;
  private final AuthorizedTransport transport;

  ReferrersEndpoint(URI root, AuthorizedTransport transport) {
    this.root = root;
    this.transport = transport;
  }

  Referrers list(
      RepositoryName repository, Digest subject, @Nullable String artifactType, Call call)
      throws UpstreamException {
    String query =
        artifactType == null ? "" : "?artifactType=" + URLEncoder.encode(artifactType, UTF_8);
    URI uri = root.resolve("/v2/" + repository + "/referrers/" + subject + query);
    try (Answer answer = transport.send(request(uri), call)) {
      if (answer.status() == 200 && isIndex(answer)) {
        return read(answer, call);
      }
      if (answer.status() != 200 && !isUnknown(answer.status())) {
        throw transport.failure(answer);
      }
      answer.drain();
    }
    return fallback(repository, subject, call);
  }

  private static UpstreamRequest request(URI uri) {
    return UpstreamRequest.get(uri).with("Accept", MediaType.OCI_INDEX);
  }

  /** How registries without the API answer. A few send a web page with a 200 instead. */
  private static boolean isUnknown(int status) {
    return status == 400 || status == 404 || status == 405;
  }

  private static boolean isIndex(Answer answer) {
    return MediaType.parse(answer.header("Content-Type"))
        .filter(MediaType.OCI_INDEX::equalsIgnoreCase)
        .isPresent();
  }

  private Referrers read(Answer first, Call call) throws UpstreamException {
    byte[] bytes = first.readAll(JsonBody.MAX_BYTES);
    JsonNode index = index(first, bytes);
    boolean filtered =
        first.headers("OCI-Filters-Applied").stream()
            .flatMap(value -> Arrays.stream(value.split(",", -1)))
            .anyMatch(filter -> filter.strip().equals("artifactType"));
    URI next = next(first);
    if (next == null) {
      return new Referrers(bytes, filtered);
    }
    return new Referrers(joined((ObjectNode) index, next, bytes.length, call), filtered);
  }

  /** Adds the manifests of the next pages to those of the first. */
  private byte[] joined(ObjectNode index, URI second, int read, Call call)
      throws UpstreamException {
    ArrayNode manifests = (ArrayNode) index.path("manifests");
    int left = JsonBody.MAX_BYTES - read;
    URI next = second;
    for (int pages = 1; next != null; pages++) {
      try (Answer answer = transport.sendForOk(request(next), call)) {
        if (pages == MAX_PAGES) {
          throw UpstreamFailures.invalid(answer, "it has more than " + MAX_PAGES + " pages");
        }
        byte[] bytes = answer.readAll(left);
        left -= bytes.length;
        manifests.addAll((ArrayNode) index(answer, bytes).path("manifests"));
        next = next(answer);
      }
    }
    return JsonBody.write(index);
  }

  private static JsonNode index(Answer answer, byte[] bytes) throws UpstreamException {
    JsonNode index = JsonBody.parse(answer, bytes);
    if (!index.path("manifests").isArray()) {
      throw UpstreamFailures.invalid(answer, "it is no index");
    }
    return index;
  }

  /** The next page, which must be of the same list. */
  private @Nullable URI next(Answer answer) throws UpstreamException {
    URI link = NextLink.parse(answer.headers("Link")).orElse(null);
    if (link == null) {
      return null;
    }
    URI next = Location.resolve(answer.uri(), link);
    boolean same =
        Origin.of(root).orElseThrow().contains(next)
            && answer.uri().getRawPath().equals(next.getRawPath());
    if (!same) {
      throw UpstreamFailures.invalid(answer, "its next page is elsewhere: " + Messages.url(next));
    }
    return next;
  }

  private Referrers fallback(RepositoryName repository, Digest subject, Call call)
      throws UpstreamException {
    String hex = subject.hex();
    String tag =
        subject.algorithm().label() + "-" + hex.substring(0, Math.min(MAX_TAG_HEX, hex.length()));
    URI uri = root.resolve("/v2/" + repository + "/manifests/" + tag);
    try (Answer answer = transport.send(request(uri), call)) {
      if (answer.status() == 404) {
        answer.drain();
        return Referrers.none();
      }
      if (answer.status() != 200) {
        throw transport.failure(answer);
      }
      byte[] bytes = answer.readAll(JsonBody.MAX_BYTES);
      index(answer, bytes);
      return new Referrers(bytes, false);
    }
  }
}
