package io.entrepot.launch.errors;

import java.nio.ByteBuffer;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;

/** The handler that writes the errors of Jetty itself as OCI error JSON instead of HTML. */
public final class JettyErrors extends ErrorHandler {
  @Override
  public boolean handle(Request request, Response response, Callback callback) {
    if (request.getAttribute(ERROR_EXCEPTION) instanceof HttpException refusal) {
      response.setStatus(refusal.getCode());
    }
    response.write(true, body(response.getStatus(), response.getHeaders()), callback);
    return true;
  }

  private static ByteBuffer body(int status, HttpFields.Mutable fields) {
    RefusedRequest refused = RefusedRequest.of(status);
    byte[] body = refused.body();
    refused.headers().forEach(fields::put);
    fields.put(HttpHeader.CONTENT_TYPE, RefusedRequest.CONTENT_TYPE);
    fields.put(HttpHeader.CONTENT_LENGTH, body.length);
    return ByteBuffer.wrap(body);
  }
}
