package io.entrepot.launch.errors;

import jakarta.servlet.ServletException;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.catalina.valves.ErrorReportValve;
import org.apache.coyote.ActionCode;
import org.jspecify.annotations.Nullable;

/** The valve that writes the errors of Tomcat itself as OCI error JSON instead of HTML. */
public final class TomcatErrors extends ErrorReportValve {
  private volatile @Nullable String strictTransport;

  /** What an error that goes out by TLS says in {@code Strict-Transport-Security}. */
  public void setStrictTransport(String value) {
    strictTransport = value;
  }

  @Override
  public void invoke(Request request, Response response) throws IOException, ServletException {
    super.invoke(request, response);
    UnreadChunks.close(request, response);
  }

  @Override
  protected void report(Request request, Response response, @Nullable Throwable thrown) {
    // Nothing can be written if the application has written, or if the client has left.
    if (response.getStatus() < 400
        || response.getContentWritten() > 0
        || !response.setErrorReported()
        || !canWrite(response)) {
      return;
    }
    RefusedRequest refused = RefusedRequest.of(response.getStatus());
    byte[] body = refused.body();
    try {
      refused.headers().forEach(response::setHeader);
      if (strictTransport != null && request.isSecure()) {
        response.setHeader("Strict-Transport-Security", strictTransport);
      }
      response.setContentType(RefusedRequest.CONTENT_TYPE);
      response.setContentLength(body.length);
      response.getOutputStream().write(body);
      response.finishResponse();
    } catch (IOException | IllegalStateException e) {
      // The client has left.
    }
  }

  private static boolean canWrite(Response response) {
    AtomicBoolean allowed = new AtomicBoolean();
    response.getCoyoteResponse().action(ActionCode.IS_IO_ALLOWED, allowed);
    return allowed.get();
  }
}
