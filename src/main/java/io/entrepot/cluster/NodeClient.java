package io.entrepot.cluster;

import io.entrepot.cache.blobs.FillClaims.Claim;
import io.entrepot.cache.blobs.FillClaims.UnconfirmedException;
import io.entrepot.memory.Allowance;
import io.entrepot.oci.Cost;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.SentPart;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import io.entrepot.upstream.wire.CallDeadline;
import io.entrepot.upstream.wire.HttpTransport;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamRequest;
import io.entrepot.upstream.wire.WireOptions;
import java.net.URI;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** Asks other nodes for what they fetch. Thread-safe. Its monitor is innermost. */
final class NodeClient implements AutoCloseable {
  /**
   * A node that sends nothing for ten seconds is down, or its upstream is. One in the same network
   * answers a connection at once.
   */
  private static final Timeouts TIMEOUTS =
      new Timeouts(
          Duration.ofSeconds(2),
          Membership.DOWN,
          Membership.DOWN,
          Duration.ofSeconds(2),
          Membership.DOWN.plusSeconds(4));

  /** A cluster has fewer nodes. The one that was asked first is forgotten. */
  private static final int MOST_NODES = 64;

  private final SignedRequests signed;
  private final UnaryOperator<WireOptions> options;
  private final ScheduledExecutorService timer;
  private final Map<URI, HttpTransport> nodes = new LinkedHashMap<>();
  private final LongAdder received = new LongAdder();
  private boolean closed;

  /**
   * Begins without connections.
   *
   * @param options sets how many connections there may be to one node, and whom to trust
   * @param timer ends what takes too long
   */
  NodeClient(
      SignedRequests signed, UnaryOperator<WireOptions> options, ScheduledExecutorService timer) {
    this.signed = signed;
    this.options = options;
    this.timer = timer;
  }

  UpstreamBody follow(Claim claim, FetchRange range, @Nullable RepositoryName repository)
      throws UpstreamException, UnconfirmedException {
    String path =
        "%s%s/%s%s"
            .formatted(
                "/internal/fills/",
                claim.key().upstream(),
                claim.key().digest(),
                repository == null ? "" : "?repository=" + repository);
    String last = range.last() == Long.MAX_VALUE ? "" : String.valueOf(range.last());
    UpstreamRequest request = UpstreamRequest.get(claim.address().resolve(path));
    for (var header :
        signed.sign(claim.node(), path, "bytes=" + range.first() + "-" + last).entrySet()) {
      request = request.with(header.getKey(), header.getValue());
    }
    Call call =
        new Call(Scope.NONE, false, new Cost(), CallDeadline.in(TIMEOUTS.total())); // not a cost
    Answer answer = transport(claim.address()).send(request, null, call);
    try {
      UpstreamBody body = body(claim, answer, range);
      answer.liftDeadline();
      return body;
    } catch (UpstreamException | UnconfirmedException | RuntimeException e) {
      answer.close();
      throw e;
    }
  }

  /** How many bytes of blobs other nodes have sent since the start. */
  long received() {
    return received.sum();
  }

  private synchronized HttpTransport transport(URI address) throws UpstreamException {
    if (closed) {
      throw new UpstreamException(Failure.UNREACHABLE, "the application stops");
    }
    HttpTransport present = nodes.get(address);
    if (present == null) {
      WireOptions how = options.apply(WireOptions.of(address).withTimeouts(TIMEOUTS));
      present = new HttpTransport(how, Set.of(), timer, answer -> {}, new Allowance(0));
      nodes.put(address, present);
      if (nodes.size() > MOST_NODES) {
        Iterator<HttpTransport> first = nodes.values().iterator();
        first.next().close();
        first.remove();
      }
    }
    return present;
  }

  private UpstreamBody body(Claim claim, Answer answer, FetchRange range)
      throws UpstreamException, UnconfirmedException {
    if (answer.status() == 403) {
      throw new UnconfirmedException(answer.excerpt());
    }
    String part = String.valueOf(answer.header("Content-Range"));
    String begin = "bytes " + range.first() + "-";
    int slash = part.lastIndexOf('/');
    boolean fits = part.startsWith(begin) && part.substring(slash + 1).matches("\\d{1,18}");
    if (answer.status() != 206 || !fits || answer.contentLength().isEmpty()) {
      throw new UpstreamException(
          Failure.UNREACHABLE,
          "the node %s answered %d: %s".formatted(claim.node(), answer.status(), answer.excerpt()));
    }
    long size = Long.parseLong(part.substring(slash + 1));
    return new SentPart(
        new CountedStream(answer.streamOf(answer.contentLength()), received),
        range,
        size,
        answer.uri(),
        "node " + answer.uri().getRawAuthority(),
        answer::close);
  }

  /** Ends all connections, those in use included. */
  @Override
  public synchronized void close() {
    closed = true;
    nodes.values().forEach(HttpTransport::close);
    nodes.clear();
  }
}
