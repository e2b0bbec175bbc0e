package io.entrepot.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.ServletResponse;
import java.io.IOException;
import java.lang.reflect.Field;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The connection of an asynchronous request in Tomcat, which is to be closed at once. If the
 * servlet throws there, Tomcat first sends what it still holds for the client. If the client does
 * not read, a thread of the server waits for it, up to 20 s. The servlet API has no way to close a
 * connection. So this class calls methods of Tomcat by their names.
 */
final class TomcatConnection {
  private static final Logger log = LoggerFactory.getLogger(TomcatConnection.class);

  private TomcatConnection() {}

  /**
   * Makes Tomcat close the connection, or reset the HTTP/2 stream, and end the request. What is not
   * sent yet is dropped.
   *
   * @param reason why; Tomcat gives it to the listeners of the request
   * @return false if the server is not Tomcat, or the connection could not be closed
   */
  static boolean close(AsyncContext async, IOException reason) {
    if (!Sendfile.isTomcat(async.getRequest())) {
      return false;
    }
    try {
      Object response = behind(async.getResponse());
      Object coyote = response.getClass().getMethod("getCoyoteResponse").invoke(response);
      Class<?> code =
          Class.forName("org.apache.coyote.ActionCode", true, coyote.getClass().getClassLoader());
      Object closeNow = code.getField("CLOSE_NOW").get(null);
      coyote.getClass().getMethod("action", code, Object.class).invoke(coyote, closeNow, reason);
      return true;
    } catch (ReflectiveOperationException | RuntimeException | LinkageError e) {
      log.debug("Cannot close the connection of a request", e);
      return false;
    }
  }

  /** Tomcat's own response, which the application sees only through a facade. */
  private static Object behind(ServletResponse facade) throws ReflectiveOperationException {
    Field response = facade.getClass().getDeclaredField("response");
    response.setAccessible(true);
    return response.get(facade);
  }
}
