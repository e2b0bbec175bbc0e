package io.entrepot.launch.errors;

import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;
import org.apache.catalina.connector.Request;
import org.apache.catalina.connector.Response;
import org.apache.coyote.ActionCode;

/**
 * A body in chunks that the application has not read to its end. Before Tomcat ends such a request
 * it reads as far as the first chunk, and a thread waits for each byte of that line. So the answer
 * is sent and the connection is closed (S25).
 */
final class UnreadChunks implements AsyncListener {
  private final Request request;
  private final Response response;

  private UnreadChunks(Request request, Response response) {
    this.request = request;
    this.response = response;
  }

  /** Closes the connection of a request with such a body when the answer is sent. */
  static void close(Request request, Response response) throws IOException {
    if (request.getHeader("Transfer-Encoding") == null) {
      return;
    }
    UnreadChunks unread = new UnreadChunks(request, response);
    if (request.isAsync()) {
      request.getAsyncContext().addListener(unread);
    } else {
      unread.close();
    }
  }

  private void close() throws IOException {
    if (is(ActionCode.REQUEST_BODY_FULLY_READ) || !is(ActionCode.IS_IO_ALLOWED)) {
      return;
    }
    response.finishResponse();
    int status = response.getStatus();
    request.getCoyoteRequest().action(ActionCode.DISABLE_SWALLOW_INPUT, null);
    response.getCoyoteResponse().setStatus(status); // Tomcat takes it for an error
  }

  private boolean is(ActionCode question) {
    AtomicBoolean answer = new AtomicBoolean();
    request.getCoyoteRequest().action(question, answer);
    return answer.get();
  }

  @Override
  public void onComplete(AsyncEvent event) throws IOException {
    close();
  }

  @Override
  public void onTimeout(AsyncEvent event) {}

  @Override
  public void onError(AsyncEvent event) {}

  @Override
  public void onStartAsync(AsyncEvent event) {
    event.getAsyncContext().addListener(this);
  }
}
