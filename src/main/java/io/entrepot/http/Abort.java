package io.entrepot.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;

/**
 * An exception that makes the server cut off a response that cannot be completed. The server closes
 * the connection before {@code Content-Length} bytes are sent, or resets the HTTP/2 stream. So no
 * client believes that the body is complete.
 *
 * <p>Most servers do that when a servlet throws an exception after the response was committed. So
 * the request is dispatched back to the servlet, and the servlet throws this exception. On Tomcat
 * and Payara the connection is closed directly, and on Liberty the request is completed: nothing is
 * dispatched or thrown there.
 */
final class Abort extends IOException {
  private static final long serialVersionUID = 1L;
  private static final String REASON = Abort.class.getName();

  /** What the names of Liberty's classes begin with. */
  private static final String LIBERTY = "io.openliberty.";

  private static final List<String> UNLOGGED =
      List.of("org.apache.coyote.CloseNowException", "org.eclipse.jetty.io.EofException");

  private Abort(String reason) {
    super(reason);
  }

  /**
   * Cuts the response off. On most servers the request is dispatched back to the servlet, which
   * then throws, on a thread of the server.
   *
   * @param reason why the response is cut off
   * @return whether it is cut off already
   */
  static boolean cut(AsyncContext async, String reason) {
    if (PayaraConnection.close(async.getRequest())) {
      async.complete();
      return true;
    }
    if (closesShortResponse(async)) {
      async.complete();
      return false;
    }
    if (TomcatConnection.close(async, new Abort(reason))) {
      return false;
    }
    async.getRequest().setAttribute(REASON, reason);
    async.dispatch();
    return false;
  }

  /**
   * Whether the server closes the connection of a completed request if bytes are missing to {@code
   * Content-Length}. Liberty does. If the servlet throws there, Liberty logs an error, because it
   * cannot send its error page.
   */
  private static boolean closesShortResponse(AsyncContext async) {
    return async.getRequest().getClass().getName().startsWith(LIBERTY)
        && async.getResponse() instanceof HttpServletResponse response
        && response.containsHeader("Content-Length");
  }

  /**
   * Cuts the response off while the application is being stopped. Tomcat does not dispatch requests
   * to such an application. But it cuts off a request that has timed out, in the same way, within a
   * second.
   *
   * @return whether it is cut off already
   */
  static boolean whileStopping(AsyncContext async, String reason) {
    if (Sendfile.isTomcat(async.getRequest())) {
      async.setTimeout(1);
      return false;
    }
    return cut(async, reason);
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
