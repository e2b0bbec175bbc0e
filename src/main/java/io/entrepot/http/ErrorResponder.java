package io.entrepot.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.entrepot.cache.Missing;
import io.entrepot.oci.Json;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one place that turns a failure into a response: OCI error JSON while nothing has been sent.
 */
public final class ErrorResponder {
  private static final Logger log = LoggerFactory.getLogger(ErrorResponder.class);
  private static final ObjectMapper JSON = Json.mapper();

  /** An upstream may ask for hours; a client that waits that long has given up. */
  private static final Duration MAX_RETRY_AFTER = Duration.ofHours(1);

  private final Missing missing;

  /**
   * @param missing is told what an offline upstream could not be asked for
   */
  public ErrorResponder(Missing missing) {
    this.missing = missing;
  }

  /**
   * Sends the error and ends the exchange, if it has not ended. Safe on any thread; never throws.
   */
  void send(Exchange exchange, Throwable thrown) {
    Throwable failure =
        thrown instanceof CompletionException && thrown.getCause() != null
            ? thrown.getCause()
            : thrown;
    OciException told = failure instanceof OciException known ? known : unexpected(failure);
    if (told.error() == OciError.UPSTREAM_OFFLINE) {
      missing.note(exchange.facts().wanted());
    }
    exchange.use(() -> sendNow(exchange, told));
  }

  private static void sendNow(Exchange exchange, OciException told) {
    HttpServletResponse response = exchange.response();
    if (response.isCommitted()) {
      exchange.abort(0, String.valueOf(told.getMessage()));
      return;
    }
    try {
      byte[] body = body(told);
      String namespace = response.getHeader(Headers.NAMESPACE);
      response.reset();
      if (namespace != null) {
        response.setHeader(Headers.NAMESPACE, namespace);
      }
      response.setStatus(told.error().status());
      told.retryAfter().ifPresent(wait -> response.setHeader("Retry-After", seconds(wait)));
      told.contentRange().ifPresent(range -> response.setHeader("Content-Range", range));
      if (told.error() == OciError.UNSUPPORTED) {
        response.setHeader("Allow", "GET, HEAD");
      }
      Headers.common(response);
      Headers.uncached(response, told.error().code());
      response.setContentType("application/json");
      response.setContentLength(body.length);
      exchange.end(body);
    } catch (IOException e) {
      exchange.end(0, "the client left: " + e.getMessage());
    }
  }

  private static OciException unexpected(Throwable failure) {
    log.error("A request failed in a way nobody foresaw", failure);
    return new OciException(
        OciError.INTERNAL, "this cache failed in a way nobody foresaw; its log says more");
  }

  private static byte[] body(OciException failure) throws IOException {
    ObjectNode error = JSON.createObjectNode();
    error.put("code", failure.error().code());
    error.put("message", failure.getMessage());
    error.putObject("detail");
    ObjectNode root = JSON.createObjectNode();
    root.putArray("errors").add(error);
    return JSON.writeValueAsBytes(root);
  }

  private static String seconds(Duration wait) {
    Duration capped = wait.compareTo(MAX_RETRY_AFTER) > 0 ? MAX_RETRY_AFTER : wait;
    return Long.toString(Math.max(1, capped.toSeconds()));
  }
}
