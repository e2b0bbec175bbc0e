package io.entrepot.upstream.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.oci.Digest;
import io.entrepot.upstream.MediaType;
import io.entrepot.upstream.Referrers;
import io.entrepot.upstream.RegistryError;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.UpstreamQuery.ListReferrers;
import io.entrepot.upstream.auth.AuthorizedTransport;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.UpstreamFailures;
import io.entrepot.upstream.wire.UpstreamRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The lists of referrers of a registry (end-12a, end-12b). Where a registry has no such API, the
 * fallback tag (distribution-spec 1.1, "Unavailable Referrers API"). Thread-safe.
 */
final class ReferrersEndpoint {
  /** So many pages are read at once and joined. Clients follow our link to the rest. */
  static final int MAX_PAGES = 16;

  /** For how long it is believed that a registry has no referrers API. */
  static final Duration LACK_BELIEVED = Duration.ofMinutes(10);

  private static final int MAX_TAG_HEX = 64;
  private static final String ENDLESS = "its pages have no end";

  /** How registries without the API answer. */
  private static final Set<Integer> NO_API = Set.of(400, 404, 405, 406, 410, 501);

  /** These say something about a repository or a request, and nothing about the API. */
  private static final Set<String> NOT_ABOUT_THE_API =
      Set.of("NAME_UNKNOWN", "NAME_INVALID", "MANIFEST_UNKNOWN", "DENIED", "UNAUTHORIZED");

  private final URI root;
  private final AuthorizedTransport transport;
  private final Clock clock;
  private volatile boolean hasApi;
  private volatile Instant lacksApiUntil = Instant.MIN;

  ReferrersEndpoint(URI root, AuthorizedTransport transport, Clock clock) {
    this.root = root;
    this.transport = transport;
    this.clock = clock;
  }

  Referrers list(ListReferrers asked, Call call) throws UpstreamException {
    if (asked.next() != null) {
      try (Answer answer = transport.sendForOk(request(uri(asked, asked.next())), call)) {
        return read(answer, asked, asked.next(), call);
      }
    }
    if (clock.instant().isAfter(lacksApiUntil)) {
      String type = asked.artifactType();
      String query = type == null ? "" : "artifactType=" + URLEncoder.encode(type, UTF_8);
      try (Answer answer = transport.send(request(uri(asked, query)), call)) {
        if (isIndex(answer)) {
          hasApi |= answer.isFromUpstream();
          return read(answer, asked, query, call);
        }
        if (!isLackOfApi(answer)) {
          throw transport.failure(answer);
        }
        answer.drain();
      }
    }
    return fallback(asked, call);
  }

  private URI uri(ListReferrers asked, String query) {
    String path = "/v2/" + asked.repository() + "/referrers/" + asked.subject();
    return root.resolve(query.isEmpty() ? path : path + "?" + query);
  }

  private static UpstreamRequest request(URI uri) {
    return UpstreamRequest.get(uri).with("Accept", MediaType.OCI_INDEX);
  }

  /** Whether this is meant to be an index. A web page is not. */
  private static boolean isIndex(Answer answer) {
    String type =
        MediaType.parse(answer.header("Content-Type")).orElse("").toLowerCase(Locale.ROOT);
    return answer.status() == 200 && !type.startsWith("text/html");
  }

  /**
   * Whether the answer shows that there is no API. Besides the answers of registries, that is a web
   * page, and what a web host says to which a registry redirects a request that it does not know. A
   * registry to which it redirects has the marks of one.
   */
  private boolean isLackOfApi(Answer answer) {
    int status = answer.status();
    boolean serverError = status >= 500 && status != 501;
    if (status == 200) {
      return true;
    }
    if (!answer.isFromUpstream()) {
      return !serverError && (NO_API.contains(status) || code(answer).isEmpty());
    }
    if (!NO_API.contains(status)) {
      return false;
    }
    String code = code(answer).orElse("");
    boolean page =
        MediaType.parse(answer.header("Content-Type")).filter("text/html"::equals).isPresent();
    if (status != 400 && !hasApi && !page && !NOT_ABOUT_THE_API.contains(code)) {
      lacksApiUntil = clock.instant().plus(LACK_BELIEVED);
    }
    return true;
  }

  private static Optional<String> code(Answer answer) {
    return RegistryError.read(answer.drain()).knownCode();
  }

  /**
   * Reads a page and those after it.
   *
   * @param query the query of this page
   */
  private Referrers read(Answer first, ListReferrers asked, String query, Call call)
      throws UpstreamException {
    boolean filtered =
        first.headers("OCI-Filters-Applied").stream()
            .flatMap(value -> Arrays.stream(value.split(",", -1)))
            .anyMatch(filter -> filter.strip().equals("artifactType"));
    ReferrersIndex index = ReferrersIndex.read(first);
    String endpoint = asked.subject().toString();
    Set<String> seen = new HashSet<>();
    seen.add(query);
    String next = unseen(first, NextLink.query(first, endpoint), seen);
    for (int pages = 1; next != null && pages < MAX_PAGES; pages++) {
      try (Answer answer = transport.sendForOk(request(uri(asked, next)), call)) {
        ReferrersIndex page = ReferrersIndex.read(answer);
        String after = unseen(answer, NextLink.query(answer, endpoint), seen);
        if (after != null && index.hasAllOf(page)) {
          throw UpstreamFailures.invalid(answer, ENDLESS);
        }
        if (!index.add(page)) {
          break;
        }
        next = after;
      }
    }
    return index.toReferrers(filtered, next);
  }

  private static @Nullable String unseen(Answer answer, @Nullable String next, Set<String> seen)
      throws UpstreamException {
    if (next != null && !seen.add(next)) {
      throw UpstreamFailures.invalid(answer, ENDLESS);
    }
    return next;
  }

  private Referrers fallback(ListReferrers asked, Call call) throws UpstreamException {
    URI uri = root.resolve("/v2/" + asked.repository() + "/manifests/" + tag(asked.subject()));
    String type = asked.artifactType();
    try (Answer answer = transport.send(request(uri), call)) {
      if (answer.status() == 200) {
        ReferrersIndex index = ReferrersIndex.read(answer);
        boolean filtered = type != null && index.filter(type);
        return index.toReferrers(filtered, null);
      }
      UpstreamException failure = transport.failure(answer);
      if (failure.failure() == Failure.NOT_FOUND) {
        return Referrers.none(type != null);
      }
      throw failure;
    }
  }

  private static String tag(Digest subject) {
    String hex = subject.hex();
    return subject.algorithm().label()
        + "-"
        + hex.substring(0, Math.min(MAX_TAG_HEX, hex.length()));
  }
}
