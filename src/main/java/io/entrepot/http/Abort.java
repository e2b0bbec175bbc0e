package io.entrepot.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;

/**
 * The end of a response that cannot be completed rightly: the connection is closed short of its
 * {@code Content-Length}, or the HTTP/2 stream reset, so that no client takes it for whole.
 *
 * <p>Servers do that when a servlet throws after the response was committed. So the exchange is
 * dispatched back into the servlet, which then throws this; it works the same on all of them.
 */
final class Abort extends IOException {
  private static final long serialVersionUID = 1L;
  private static final String REASON = Abort.class.getName();

  private Abort(String reason) {
    super(reason);
  }

  /** Has the server end the response from a thread of its own. */
  static void dispatch(AsyncContext async, String reason) {
    async.getRequest().setAttribute(REASON, reason);
    async.dispatch();
  }

  /**
   * The same in an application that is being stopped. Tomcat has nothing dispatched to such a one,
   * but ends what has timed out in the same way, within a second.
   */
  static void whileStopping(AsyncContext async, String reason) {
    if (Sendfile.isTomcat(async.getRequest())) {
      async.setTimeout(1);
    } else {
      dispatch(async, reason);
    }
  }

  static Abort of(HttpServletRequest request) {
    return new Abort(String.valueOf(request.getAttribute(REASON)));
  }
}
