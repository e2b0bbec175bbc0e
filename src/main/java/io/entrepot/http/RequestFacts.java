package io.entrepot.http;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.OciError;
import io.entrepot.routing.PullRequest;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * What is known about one request, for its answer and for the access log. Several threads use it,
 * one after the other.
 */
final class RequestFacts {
  /** Tells the requests of this run from those of others. */
  private static final String RUN = Long.toString(System.currentTimeMillis(), Character.MAX_RADIX);

  private static final AtomicLong COUNTER = new AtomicLong();

  private final String method;
  private final String path;
  private final Forwarding.Sender sender;
  private final long begunAtNanos = System.nanoTime();
  private long firstByteNanos = -1;
  private String kind = "other";
  private @Nullable String namespace;
  private boolean routedByHost;
  private @Nullable PullRequest pull;
  private @Nullable CacheOutcome outcome;
  private @Nullable String challenge;
  private @Nullable Consumer<OciError> onRefusal;
  private @Nullable String principal;
  private @Nullable String userAgent;
  private @Nullable String id;

  /**
   * Copies the fields of a request. They cannot be read later: at the end of a request, Liberty
   * returns the path of the request before.
   */
  RequestFacts(HttpServletRequest request, Forwarding.Sender sender) {
    this.method = request.getMethod();
    this.path = request.getRequestURI();
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

  /**
   * The host that the client used for this server, lower case, without a port; empty if it is not
   * valid.
   */
  Optional<String> host() {
    return sender.host();
  }

  /** The base URL that the client used, if a trusted proxy sent it; else empty. */
  String origin() {
    return sender.origin();
  }

  /** Sets the challenge of the answer, if the client has to log in. */
  void challenge(String text) {
    challenge = text;
  }

  /**
   * Sets what else happens when the client is refused: with {@code UNAUTHORIZED} or {@code DENIED}.
   */
  void onRefusal(Consumer<OciError> action) {
    onRefusal = action;
  }

  void refused(OciError error) {
    Consumer<OciError> action = onRefusal;
    onRefusal = null;
    if (action != null) {
      action.accept(error);
    }
  }

  @Nullable String challenge() {
    return challenge;
  }

  /** Sets who has logged in, for the access log. */
  void principal(String who) {
    principal = who;
  }

  @Nullable String principal() {
    return principal;
  }

  /** Sets what the client says that it is, for the access log. */
  void userAgent(@Nullable String text) {
    userAgent = text;
  }

  /** What the client says that it is; null if it says nothing, or there is no access log. */
  @Nullable String userAgent() {
    return userAgent;
  }

  /** The id under which the log has this request. It is made for errors only. */
  String makeId() {
    if (id == null) {
      id = RUN + "-" + COUNTER.incrementAndGet();
    }
    return id;
  }

  @Nullable String id() {
    return id;
  }

  /**
   * Sets the registry that the client wants, see {@link WantedNamespace}; null if it names none.
   */
  void namespace(@Nullable String wanted) {
    namespace = wanted;
  }

  @Nullable String namespace() {
    return namespace;
  }

  /** Sets the kind of content requested: {@code blob}, {@code manifest}, {@code tags} and so on. */
  void kind(String name) {
    kind = name;
  }

  String kind() {
    return kind;
  }

  /**
   * Sets the pull, if the request is for content of a repository.
   *
   * @param byHost whether the host name that the client used has selected the upstream
   */
  void pull(PullRequest request, boolean byHost) {
    pull = request;
    routedByHost = byHost;
  }

  /**
   * The requested content as people write it; empty if the request is not for content of a
   * repository.
   */
  String wanted() {
    return pull == null ? "" : pull.wanted();
  }

  /** The name of the repository in this cache; empty as above. */
  String repository() {
    return pull == null ? "" : pull.repository().value();
  }

  /** The number of upstream requests that this request has caused. */
  int upstreamRequests() {
    return pull == null ? 0 : pull.cost().requests();
  }

  boolean isRoutedByHost() {
    return routedByHost;
  }

  void outcome(CacheOutcome result) {
    outcome = result;
  }

  @Nullable CacheOutcome outcome() {
    return outcome;
  }

  /** The body begins now. Not called where the whole answer is sent at its end. */
  void bodyBegins() {
    firstByteNanos = elapsedNanos();
  }

  /**
   * How long the client waited for the first byte.
   *
   * @param elapsed how long the request took; its answer began then if not before
   */
  long firstByteNanos(long elapsed) {
    return firstByteNanos < 0 ? elapsed : firstByteNanos;
  }

  long elapsedNanos() {
    return System.nanoTime() - begunAtNanos;
  }
}
