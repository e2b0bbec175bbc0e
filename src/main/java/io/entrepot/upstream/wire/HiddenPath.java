package io.entrepot.upstream.wire;

import java.io.IOException;
import java.io.InterruptedIOException;
import org.apache.hc.core5.http.ClassicHttpRequest;
import org.apache.hc.core5.http.ClassicHttpResponse;
import org.apache.hc.core5.http.HttpException;
import org.apache.hc.core5.http.HttpRequest;
import org.apache.hc.core5.http.Method;
import org.apache.hc.core5.http.impl.io.HttpRequestExecutor;
import org.apache.hc.core5.http.io.HttpClientConnection;
import org.apache.hc.core5.http.io.HttpResponseInformationCallback;
import org.apache.hc.core5.http.protocol.HttpContext;
import org.jspecify.annotations.Nullable;

/**
 * Hides the path and query of a request from HttpClient, and puts them back just before the request
 * is sent. HttpClient writes request lines to its log. The query of a presigned URL is a secret
 * (S16), and the path of a redirect can have one of ours in it (S36).
 */
final class HiddenPath extends HttpRequestExecutor {
  private static final String ATTRIBUTE = "entrepot.path-and-query";
  private static final String SENT = "entrepot.sent";
  private static final String STALE = "entrepot.stale";

  /** Takes the path off a request and keeps it in the context of that request. */
  static void hide(HttpRequest request, HttpContext context) {
    context.setAttribute(ATTRIBUTE, request.getPath());
    request.setPath("/");
  }

  /** Whether there was a connection on which the request could be sent. */
  static boolean isSent(HttpContext context) {
    return context.getAttribute(SENT) != null;
  }

  /** Whether the request failed on a connection that the other side had closed meanwhile. */
  static boolean wasStale(HttpContext context) {
    return context.getAttribute(STALE) != null;
  }

  @Override
  public ClassicHttpResponse execute(
      ClassicHttpRequest request,
      HttpClientConnection connection,
      @Nullable HttpResponseInformationCallback callback,
      HttpContext context)
      throws IOException, HttpException {
    if (!Method.CONNECT.isSame(request.getMethod())) {
      context.setAttribute(SENT, true);
      if (context.getAttribute(ATTRIBUTE) instanceof String path) {
        request.setPath(path);
      }
    }
    try {
      return super.execute(request, connection, callback, context);
    } catch (InterruptedIOException e) {
      throw e; // silence says nothing of the connection
    } catch (IOException e) {
      if (connection instanceof UpstreamConnection used && used.hasMetAClosedEnd()) {
        context.setAttribute(STALE, true);
      }
      throw e;
    }
  }
}
