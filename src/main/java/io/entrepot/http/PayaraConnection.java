package io.entrepot.http;

import jakarta.servlet.ServletRequest;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of a request in Payara, which is to be closed at once. If a servlet throws there,
 * Payara takes the response for complete. It keeps the connection open for the next request, and
 * the client waits for the missing bytes until the connection times out. While it destroys the
 * servlet, it does not even call it. The servlet API has no way to close a connection. So this
 * class calls methods of Payara and of its HTTP server Grizzly by their names.
 */
final class PayaraConnection {
  private static final Logger log = LoggerFactory.getLogger(PayaraConnection.class);

  /** What only Payara's requests have. */
  private static final String UNWRAP = "getUnwrappedCoyoteRequest";

  private PayaraConnection() {}

  /** Whether the server of a request is Payara. */
  static boolean isOf(ServletRequest request) {
    try {
      request.getClass().getMethod(UNWRAP);
      return true;
    } catch (NoSuchMethodException e) {
      return false;
    }
  }

  /**
   * Closes the connection of a request. What is not sent yet is dropped. Over HTTP/2 nothing is
   * closed, because other requests use the same connection.
   *
   * @return false if the server is not Payara, or the connection could not be closed
   */
  static boolean close(ServletRequest request) {
    try {
      Object http = call(call(request, UNWRAP), "getCoyoteRequest");
      if (!request.getProtocol().startsWith("HTTP/1")) {
        return false;
      }
      Object connection = call(call(http, "getContext"), "getConnection");
      connection.getClass().getMethod("terminateSilently").invoke(connection);
      return true;
    } catch (NoSuchMethodException e) {
      return false; // another server, or a version of Payara that this class does not know
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      log.debug("Cannot close the connection of a request", e);
      return false;
    }
  }

  private static Object call(Object target, String method) throws ReflectiveOperationException {
    return target.getClass().getMethod(method).invoke(target);
  }
}
