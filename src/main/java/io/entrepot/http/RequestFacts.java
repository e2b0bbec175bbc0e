package io.entrepot.http;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Query;
import io.entrepot.routing.PullRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one request, for its answer and for the access line. Handed from thread to
 * thread, used by one at a time.
 */
final class RequestFacts {
  private final String method;
  private final String path;
  private final @Nullable String query;
  private final Forwarding.Sender sender;
  private final long begunAtNanos = System.nanoTime();
  private String kind = "other";
  private boolean routedByHost;
  private @Nullable PullRequest pull;
  private @Nullable CacheOutcome outcome;

  /** Takes what a request says: at its end, Liberty tells the path of an earlier one. */
  RequestFacts(HttpServletRequest request, Forwarding.Sender sender) {
    this.method = request.getMethod();
    this.path = request.getRequestURI();
    this.query = request.getQueryString();
    this.sender = sender;
  }

  String method() {
    return method;
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  /** The raw path as the client sent it. */
  String path() {
    return path;
  }

  /** The address of the client. */
  String address() {
    return sender.address();
  }

  /** The host that the client meant, lower case, without a port; empty where it is not valid. */
  Optional<String> host() {
    return sender.host();
  }

  /** The URL by which the client came, as far as a trusted proxy says; else empty. */
  String origin() {
    return sender.origin();
  }

  /**
   * The registry that the client believes to talk to, as containerd tells its mirrors; null where
   * it does not say.
   *
   * @throws OciException when the query cannot be read
   */
  @Nullable String namespace() {
    return Query.parse(query).get("ns");
  }

  /** What is asked for: {@code blob}, {@code manifest}, {@code list}. */
  void kind(String what) {
    kind = what;
  }

  String kind() {
    return kind;
  }

  /**
   * The request is about something of a repository.
   *
   * @param byHost whether the host name that the client came to says which upstream it means
   */
  void pull(PullRequest request, boolean byHost) {
    pull = request;
    routedByHost = byHost;
  }

  /** What is asked for, as people write it; empty where it is nothing of a repository. */
  String wanted() {
    return pull == null ? "" : pull.wanted();
  }

  /** How many upstream requests it has caused. */
  int upstreamRequests() {
    return pull == null ? 0 : pull.cost().requests();
  }

  boolean isRoutedByHost() {
    return routedByHost;
  }

  void outcome(CacheOutcome how) {
    outcome = how;
  }

  @Nullable CacheOutcome outcome() {
    return outcome;
  }

  long elapsedNanos() {
    return System.nanoTime() - begunAtNanos;
  }
}
