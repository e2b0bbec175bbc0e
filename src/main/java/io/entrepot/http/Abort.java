package io.entrepot.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;

/**
 * An exception that makes the server cut off a response that cannot be completed. The server closes
 * the connection before {@code Content-Length} bytes are sent, or resets the HTTP/2 stream. So no
 * client believes that the body is complete.
 *
 * <p>All servers do that when a servlet throws an exception after the response was committed. So
 * the request is dispatched back to the servlet, and the servlet throws this exception.
 */
final class Abort extends IOException {
  private static final long serialVersionUID = 1L;
  private static final String REASON = Abort.class.getName();
  private static final List<String> UNLOGGED =
      List.of("org.apache.coyote.CloseNowException", "org.eclipse.jetty.io.EofException");

  private Abort(String reason) {
    super(reason);
  }

  /**
   * Dispatches the request back to the servlet, which then throws. This happens on a thread of the
   * server.
   *
   * @param reason why the response is cut off
   */
  static void dispatch(AsyncContext async, String reason) {
    async.getRequest().setAttribute(REASON, reason);
    async.dispatch();
  }

  /**
   * Cuts the response off while the application is being stopped. Tomcat does not dispatch requests
   * to such an application. But it cuts off a request that has timed out, in the same way, within a
   * second.
   */
  static void whileStopping(AsyncContext async, String reason) {
    if (Sendfile.isTomcat(async.getRequest())) {
      async.setTimeout(1);
    } else {
      dispatch(async, reason);
    }
  }

  /**
   * The exception to throw for a request that was dispatched back. Cutting off is ordinary: the
   * access log has a line for it, so the server need not write a stack trace. Tomcat and Jetty have
   * exceptions of their own that they do not log. On all other servers it is this one.
   */
  static IOException of(HttpServletRequest request) {
    String reason = String.valueOf(request.getAttribute(REASON));
    ClassLoader server = request.getClass().getClassLoader();
    for (String name : UNLOGGED) {
      try {
        return Class.forName(name, false, server)
            .asSubclass(IOException.class)
            .getConstructor(String.class)
            .newInstance(reason);
      } catch (ReflectiveOperationException | LinkageError e) {
        // Another server has no such class.
      }
    }
    return new Abort(reason);
  }

  /** It is always thrown by the same line, so the trace would say nothing. */
  @Override
  public synchronized Throwable fillInStackTrace() {
    return this;
  }
}
