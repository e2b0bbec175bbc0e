package io.entrepot.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.Missing;
import io.entrepot.oci.Json;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Problem;
import io.entrepot.oci.Quoted;
import io.entrepot.threads.OnceAMinute;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns failures into responses. It is the only place that does so. The client gets OCI error JSON
 * if nothing has been sent; else the connection is cut off.
 */
public final class ErrorResponder {
  private static final Logger log = LoggerFactory.getLogger(ErrorResponder.class);
  private static final ObjectMapper JSON = Json.mapper();

  /**
   * The largest {@code Retry-After}. An upstream may say many hours, but no client waits so long.
   */
  private static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

  /** A bound, since the causes of an exception of a database may form a circle. */
  private static final int MAX_CAUSES = 20;

  private final Missing missing;
  private final OnceAMinute due = new OnceAMinute();

  /**
   * Makes a responder.
   *
   * @param missing records the content that is not here and whose upstream is offline
   */
  public ErrorResponder(Missing missing) {
    this.missing = missing;
  }

  /**
   * Sends the error and ends the exchange. Does nothing if the exchange has ended. May be called on
   * any thread; never throws.
   */
  void send(Exchange exchange, Throwable thrown) {
    Throwable cause = ClientErrors.unwrapped(thrown);
    OciException failure =
        cause instanceof OciException known ? known : unexpected(cause, exchange.facts());
    logCause(failure, exchange.facts());
    if (failure.error() == OciError.UNAUTHORIZED || failure.error() == OciError.DENIED) {
      exchange.facts().refused(failure.error());
    }
    if (failure.error() == OciError.UPSTREAM_OFFLINE) {
      missing.note(exchange.facts().wanted(), exchange.facts().repository());
    }
    exchange.use(() -> sendNow(exchange, failure));
  }

  /** Logs why this cache is unavailable: once a minute for each kind of cause (F25). */
  private void logCause(OciException failure, RequestFacts facts) {
    Throwable cause = failure.getCause();
    if (failure.error() != OciError.UNAVAILABLE || cause == null) {
      return;
    }
    Throwable root = cause;
    for (int i = 0; i < MAX_CAUSES && root.getCause() != null; i++) {
      root = root.getCause();
    }
    if (due.isDue(cause.getClass().getName() + " " + root.getClass().getName())) {
      log.warn(
          "A request gets 503: {}. Cause: {}{}. More of them are logged once a minute id={}",
          failure.getMessage(),
          cause,
          root == cause ? "" : ", from " + root,
          Quoted.of(facts.makeId()));
    }
  }

  private static void sendNow(Exchange exchange, OciException failure) {
    HttpServletResponse response = exchange.response();
    if (response.isCommitted()) {
      exchange.abort(0, String.valueOf(failure.getMessage()));
      return;
    }
    try {
      resetBut(response, Headers.NAMESPACE, StrictTransport.HEADER);
      String challenge = exchange.facts().challenge();
      if (failure.error() == OciError.UNAUTHORIZED && challenge != null) {
        response.setHeader("WWW-Authenticate", challenge);
      }
      response.setHeader("X-Request-Id", exchange.facts().makeId());
      exchange.end(begin(response, failure));
    } catch (IOException e) {
      exchange.end(0, "the client left: " + e.getMessage());
    }
  }

  /** Takes back all that was set, but for some headers. */
  private static void resetBut(HttpServletResponse response, String... headers) {
    String[] kept = Arrays.stream(headers).map(response::getHeader).toArray(String[]::new);
    response.reset();
    for (int i = 0; i < headers.length; i++) {
      if (kept[i] != null) {
        response.setHeader(headers[i], kept[i]);
      }
    }
  }

  /** Sends the error for a request that a filter refuses. */
  static void refuse(HttpServletRequest request, HttpServletResponse response, OciException failure)
      throws IOException {
    write(request, response, begin(response, failure));
  }

  /** Sends the error for a request to the administrative API that a filter refuses. */
  static void refuseAdmin(
      HttpServletRequest request, HttpServletResponse response, OciException failure)
      throws IOException {
    byte[] body = JSON.writeValueAsBytes(Problem.of(failure));
    write(request, response, begin(response, failure, body, Problem.TYPE));
  }

  private static void write(HttpServletRequest request, HttpServletResponse response, byte[] body)
      throws IOException {
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(body);
    }
  }

  /**
   * Sets the status and the headers of an error.
   *
   * @return the body, which the caller must send, except in the answer to a HEAD
   */
  private static byte[] begin(HttpServletResponse response, OciException failure)
      throws IOException {
    return begin(response, failure, body(failure), "application/json");
  }

  private static byte[] begin(
      HttpServletResponse response, OciException failure, byte[] body, String type) {
    response.setStatus(failure.error().status());
    failure.retryAfter().ifPresent(wait -> response.setHeader("Retry-After", seconds(wait)));
    failure.contentRange().ifPresent(range -> response.setHeader("Content-Range", range));
    if (failure.error() == OciError.UNSUPPORTED) {
      response.setHeader("Allow", "GET, HEAD");
    }
    Headers.common(response);
    Headers.uncached(response, failure.error().code());
    response.setContentType(type);
    response.setContentLength(body.length);
    return body;
  }

  private static OciException unexpected(Throwable failure, RequestFacts facts) {
    log.error(
        "A request failed with an unexpected exception id={}", Quoted.of(facts.makeId()), failure);
    return new OciException(
        OciError.INTERNAL, "this cache failed unexpectedly; its log has the details");
  }

  private static byte[] body(OciException failure) throws IOException {
    ObjectNode error = JSON.createObjectNode();
    error.put("code", failure.code());
    error.put("message", failure.getMessage());
    ObjectNode root = JSON.createObjectNode();
    root.putArray("errors").add(error);
    return JSON.writeValueAsBytes(root);
  }

  private static String seconds(Duration wait) {
    Duration capped = wait.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : wait;
    return Long.toString(Math.max(1, capped.toSeconds()));
  }
}
