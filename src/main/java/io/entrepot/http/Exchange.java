package io.entrepot.http;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Cost;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Query;
import io.entrepot.oci.RegistryRequest;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * One client request and its response, with what the access line will say of it. Handed from thread
 * to thread, used by one at a time.
 */
final class Exchange {
  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final Forwarding.Client client;
  private final ExchangeLog log;
  private final String method;
  private final String path;
  private final Cost cost = new Cost();
  private final long begunAtNanos = System.nanoTime();
  private final AtomicBoolean ended = new AtomicBoolean();
  private String kind = "other";
  private String wanted = "";
  private @Nullable CacheOutcome outcome;
  private @Nullable AsyncContext async;
  private Runnable onEnd = () -> {};

  /**
   * Begins one.
   *
   * @param client whose request it is
   */
  Exchange(
      HttpServletRequest request,
      HttpServletResponse response,
      Forwarding.Client client,
      ExchangeLog log) {
    this.client = client;
    this.request = request;
    this.response = response;
    this.log = log;
    // Taken now: at the end, Liberty tells the path of an earlier request on the same connection.
    this.method = request.getMethod();
    this.path = request.getRequestURI();
  }

  HttpServletRequest request() {
    return request;
  }

  HttpServletResponse response() {
    return response;
  }

  Cost cost() {
    return cost;
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  String method() {
    return method;
  }

  /** The raw path as the client sent it. */
  String path() {
    return path;
  }

  /** The address of the client. */
  String client() {
    return client.address();
  }

  /** The host that the client meant, lower case, without a port; empty where it is not valid. */
  Optional<String> host() {
    return client.host();
  }

  /** The URL by which the client came, as far as a trusted proxy says; else empty. */
  String origin() {
    return client.origin();
  }

  /**
   * The registry that the client believes to talk to, as containerd tells its mirrors; null where
   * it does not say.
   *
   * @throws OciException when the query cannot be read
   */
  @Nullable String namespace() {
    return Query.parse(request.getQueryString()).get("ns");
  }

  @Nullable String header(String name) {
    return request.getHeader(name);
  }

  /** Has something run once when the exchange ends. */
  void onEnd(Runnable action) {
    onEnd = action;
  }

  /** What is asked for: {@code blob}, {@code manifest}, {@code list}. */
  void kind(String what) {
    kind = what;
  }

  String kind() {
    return kind;
  }

  /** What is asked for under the name that it has here, as {@link RegistryRequest#wanted}. */
  void wanted(String what) {
    wanted = what;
  }

  String wanted() {
    return wanted;
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

  /**
   * Frees the container's thread. There is no time limit: a pull may take an hour, and a client
   * that no longer reads is found by the server's write timeout.
   */
  void startAsync() {
    AsyncContext started = request.startAsync(request, response);
    started.setTimeout(0);
    async = started;
  }

  /**
   * Ends the exchange, once: completes it where it is asynchronous, and writes the access line.
   *
   * @param bytes of the body that were sent
   * @param failure why the body is not whole, or null
   */
  void end(long bytes, @Nullable String failure) {
    if (ended.compareAndSet(false, true)) {
      onEnd.run();
      log.write(this, bytes, failure);
      if (async != null) {
        async.complete();
      }
    }
  }

  /** As {@link #end}, but the connection is cut. Only where the exchange is asynchronous. */
  void abort(long bytes, String failure) {
    if (ended.compareAndSet(false, true)) {
      onEnd.run();
      log.write(this, bytes, failure);
      if (async != null) {
        Abort.dispatch(async, failure);
      }
    }
  }
}
