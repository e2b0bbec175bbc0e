package io.entrepot.http;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.blobs.SharedFills;
import io.entrepot.oci.ByteRange;
import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RangeSpec;
import io.entrepot.oci.RepositoryName;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * The servlet of {@code /internal/fills/UPSTREAM/DIGEST}: sends other nodes of the cluster what
 * this one fetches, as it comes. Only nodes may ask, by requests that they have signed.
 */
public final class FillsServlet extends ExchangeServlet {
  private static final long serialVersionUID = 1L;

  /** Below this path. */
  public static final String PATH = "/internal/fills/";

  /** How many answers are sent at once. Each takes a chunk of 64 KB while it is written: 16 MB. */
  private static final int MOST = 256;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);
  private static final String REPOSITORY = "repository=";

  private final transient NodeCheck nodes;
  private final transient SharedFills fills;
  private final transient AsyncAnswers answers;
  private final transient Semaphore permits = new Semaphore(MOST);

  /** Checks that another node of the cluster has sent a request. */
  @FunctionalInterface
  public interface NodeCheck {
    /**
     * Checks.
     *
     * @param path with its query
     * @param headers null for a header that is not there, or there twice
     * @throws OciException if no node has sent it
     */
    void check(String method, String path, Headers headers);

    /** The headers of a request by their names. */
    @FunctionalInterface
    interface Headers {
      @Nullable String get(String name);
    }
  }

  /** Wires the collaborators. */
  public FillsServlet(
      NodeCheck nodes,
      SharedFills fills,
      Forwarding forwarding,
      AsyncAnswers answers,
      ExchangeLog log,
      Exchanges exchanges) {
    super(forwarding, answers.errors(), log, exchanges);
    this.nodes = nodes;
    this.fills = fills;
    this.answers = answers;
  }

  @Override
  void answer(Exchange exchange) {
    exchange.facts().kind("fill");
    HttpServletRequest request = exchange.request();
    String query = request.getQueryString();
    String path = request.getRequestURI() + (query == null ? "" : "?" + query);
    nodes.check(request.getMethod(), path, name -> one(exchange.headers(name)));
    if (!request.getMethod().equals("GET")) {
      throw new OciException(OciError.UNSUPPORTED, "nodes ask by GET");
    }
    Named blob = named(RegistryServlet.rawPath(request));
    Optional<RepositoryName> repository =
        Optional.ofNullable(query)
            .filter(text -> text.startsWith(REPOSITORY))
            .map(text -> RepositoryName.parse(text.substring(REPOSITORY.length())));
    RangeSpec range =
        RangeSpec.parse(one(exchange.headers("Range")))
            .filter(spec -> !spec.several())
            .orElseThrow(() -> new OciException(OciError.RANGE_UNSATISFIABLE, "one range"));
    if (!permits.tryAcquire()) {
      throw new OciException(
          OciError.UNAVAILABLE, "too many nodes read fills of this one", RETRY_AFTER, null);
    }
    exchange.onEnd(permits::release);
    answers.send(
        fills.open(blob.upstream(), blob.digest(), repository, range),
        exchange,
        delivery -> send(delivery, exchange));
  }

  private static @Nullable String one(List<String> values) {
    return values.size() == 1 ? values.get(0) : null;
  }

  /** A blob of an upstream. */
  private record Named(String upstream, Digest digest) {}

  private static Named named(String path) {
    String name = path.substring(PATH.length());
    int slash = name.lastIndexOf('/');
    if (slash < 1) {
      throw new OciException(OciError.ENDPOINT_UNKNOWN, "there is nothing at this path");
    }
    return new Named(name.substring(0, slash), Digest.parse(name.substring(slash + 1)));
  }

  private void send(BlobDelivery delivery, Exchange exchange) throws IOException {
    HttpServletResponse response = exchange.response();
    ByteRange range = Objects.requireNonNull(delivery.range());
    exchange.facts().outcome(delivery.outcome());
    response.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
    response.setHeader("Content-Range", range.contentRange(delivery.blobSize()));
    response.setHeader("Cache-Control", "no-store");
    response.setContentType("application/octet-stream");
    response.setContentLengthLong(delivery.length());
    answers.pump(exchange, delivery.reader(), 0);
  }
}
