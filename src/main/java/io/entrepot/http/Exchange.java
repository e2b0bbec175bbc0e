package io.entrepot.http;

import io.entrepot.oci.Digest;
import io.entrepot.oci.EntityTag;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client request with its response. It begins when the server accepts the request, and ends
 * exactly once. Several threads use it, one after the other.
 */
final class Exchange {
  private static final Logger logger = LoggerFactory.getLogger(Exchange.class);

  /**
   * The timeout of asynchronous requests, so long that it never comes: a week. Zero would mean no
   * timeout. But then Tomcat ends the request as soon as it begins to stop the application, before
   * our response is complete.
   */
  private static final long NO_TIMEOUT_MILLIS = Duration.ofDays(7).toMillis();

  private final HttpServletRequest request;
  private final HttpServletResponse response;
  private final RequestFacts facts;
  private final ExchangeLog log;
  private final Exchanges exchanges;
  private final Object ending = new Object();
  private boolean ended;
  private @Nullable AsyncContext async;
  private Runnable onEnd = () -> {};
  private @Nullable Runnable onCut;
  private boolean cut;

  /**
   * Begins an exchange.
   *
   * @param sender the client's address and the host that it used
   */
  Exchange(
      HttpServletRequest request,
      HttpServletResponse response,
      Forwarding.Sender sender,
      ExchangeLog log,
      Exchanges exchanges) {
    this.request = request;
    this.response = response;
    this.facts = new RequestFacts(request, sender);
    this.log = log;
    if (log.isOn()) {
      facts.userAgent(request.getHeader("User-Agent"));
    }
    this.exchanges = exchanges;
  }

  HttpServletRequest request() {
    return request;
  }

  HttpServletResponse response() {
    return response;
  }

  /** What is known about the request. */
  RequestFacts facts() {
    return facts;
  }

  @Nullable String header(String name) {
    return request.getHeader(name);
  }

  /** The values of all header fields with this name, in their order. */
  List<String> headers(String name) {
    Enumeration<String> values = request.getHeaders(name);
    return values == null ? List.of() : Collections.list(values);
  }

  /** Whether the client already has this content: the answer is then 304 without a body. */
  boolean isHeld(Digest digest) {
    return EntityTag.of(digest).isIn(headers("If-None-Match"));
  }

  /** Sets the action that is run once when the exchange ends. */
  void onEnd(Runnable action) {
    onEnd = action;
  }

  /**
   * Makes the request asynchronous, which frees the server's thread. There is no time limit in
   * practice, because a pull may take an hour. {@link Stragglers} drops clients that no longer
   * read.
   */
  void startAsync() {
    if (async != null) {
      return; // it waited for a login before
    }
    AsyncContext started = request.startAsync(request, response);
    started.setTimeout(NO_TIMEOUT_MILLIS);
    started.addListener(AsyncObserver.listener(new Leaving()));
    async = started;
  }

  boolean isAsync() {
    return async != null;
  }

  /**
   * Removes the exchange from {@link Exchanges} when the server has finished it, for any reason.
   */
  private final class Leaving implements AsyncObserver {
    @Override
    public void onComplete(AsyncEvent event) {
      exchanges.leave(Exchange.this);
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {
      end(0, "the client left: " + event.getThrowable());
      cut(); // a pump that waits for bytes wakes, sees that the exchange has ended, and frees its
      // buffers
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }

  /** To be called when the servlet returns. A synchronous exchange has then ended. */
  void returned() {
    if (async == null) {
      exchanges.leave(this);
    }
  }

  /**
   * Sets the action that {@link #cut} runs. It replaces the action set before. It is run once, by
   * any thread. If the exchange has been cut off already, it is run at once.
   */
  void onCut(Runnable action) {
    synchronized (this) {
      onCut = action;
      if (!cut) {
        return;
      }
    }
    action.run();
  }

  private synchronized boolean isCut() {
    return cut;
  }

  /** Cuts off an asynchronous exchange: runs the action of {@link #onCut}, which then ends it. */
  void cut() {
    Runnable action;
    synchronized (this) {
      if (cut) {
        return;
      }
      cut = true;
      action = onCut;
    }
    if (action != null) {
      action.run();
    }
  }

  /**
   * Ends the exchange, if it has not ended: completes an asynchronous request and writes the line
   * of the access log.
   *
   * @param bytes how many bytes of the body were sent
   * @param failure why the body is not complete, or null
   */
  void end(long bytes, @Nullable String failure) {
    endBy(
        bytes,
        failure,
        context -> {
          if (failure == null) {
            exchanges.sending(this);
          } else {
            exchanges.leave(this); // nothing is left to send, and not every server calls back
          }
          context.complete();
        });
  }

  /** Like {@link #end}, but cuts the connection off. Only for an asynchronous exchange. */
  void abort(long bytes, String failure) {
    endBy(
        bytes,
        failure,
        context -> {
          exchanges.cutting(this);
          boolean done =
              isCut() ? Abort.whileStopping(context, failure) : Abort.cut(context, failure);
          if (done) {
            exchanges.leave(this);
          }
        });
  }

  /**
   * Sends a small body and ends the exchange. The answer to a HEAD has no body. A thread of ours
   * never waits for the client: the body fits into the server's buffer. The server's own thread
   * sends it before the exchange ends, so that its client is limited as long as it holds the
   * thread.
   *
   * @throws IOException if the client has left
   */
  void end(byte[] body) throws IOException {
    synchronized (ending) {
      if (ended) {
        return;
      }
      if (isAsync() && body.length >= response.getBufferSize()) {
        response.setBufferSize(body.length + 1);
      }
      if (!facts.isHead()) {
        response.getOutputStream().write(body);
      }
      if (!isAsync()) {
        response.flushBuffer();
      }
      end(facts.isHead() ? 0 : body.length, null);
    }
  }

  /**
   * Answers that the client has the content already, and ends the exchange. The headers are sent
   * before the end: Jetty would else add {@code Content-Length: 0} to an asynchronous answer, which
   * is wrong (RFC 9110, 8.6).
   *
   * @throws IOException if the client has left
   */
  void endNotModified() throws IOException {
    synchronized (ending) {
      if (ended) {
        return;
      }
      response.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
      response.flushBuffer();
      end(0, null);
    }
  }

  /**
   * Runs an action that uses the response, unless the exchange has ended.
   *
   * @return whether the action was run
   */
  boolean use(Runnable action) {
    synchronized (ending) {
      if (ended) {
        return false;
      }
      action.run();
      return true;
    }
  }

  /**
   * Ends the exchange under the lock that every use of the response takes. A server that reports an
   * error recycles request and response when its listener returns, and uses them for the next
   * client. The lock makes the server wait for a use that has begun. Every later use sees that the
   * exchange has ended. A failed write needs the lock too: Tomcat marks the response as failed
   * after it has begun to report the error.
   */
  private void endBy(long bytes, @Nullable String failure, Consumer<AsyncContext> action) {
    synchronized (ending) {
      if (ended) {
        return;
      }
      ended = true;
      onEnd.run();
      log.write(facts, response.getStatus(), bytes, failure);
      if (async != null) {
        handBack(async, action);
      }
    }
  }

  /** Completes the request. The server may have done so before, if it saw that the client left. */
  private void handBack(AsyncContext context, Consumer<AsyncContext> action) {
    try {
      action.accept(context);
    } catch (IllegalStateException e) {
      exchanges.leave(this);
      logger.debug("The server has completed the request before: {}", e.getMessage());
    }
  }
}
