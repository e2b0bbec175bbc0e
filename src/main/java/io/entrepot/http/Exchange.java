package io.entrepot.http;

import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client request and its response, from the moment it is accepted to the one end that it has.
 * Handed from thread to thread, used by one at a time.
 */
final class Exchange {
  private static final Logger logger = LoggerFactory.getLogger(Exchange.class);

  /**
   * A week, for ever. Zero would mean just that, but then Tomcat ends the exchange as soon as it
   * begins to stop the application, and not when we are done with it.
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
   * Begins one.
   *
   * @param sender whose request it is
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
    this.exchanges = exchanges;
  }

  HttpServletRequest request() {
    return request;
  }

  HttpServletResponse response() {
    return response;
  }

  /** What is known of the request. */
  RequestFacts facts() {
    return facts;
  }

  @Nullable String header(String name) {
    return request.getHeader(name);
  }

  /** Has something run once when the exchange ends. */
  void onEnd(Runnable action) {
    onEnd = action;
  }

  /**
   * Frees the container's thread. The time limit is none: a pull may take an hour, and a client
   * that no longer reads is found by the server's write timeout.
   */
  void startAsync() {
    AsyncContext started = request.startAsync(request, response);
    started.setTimeout(NO_TIMEOUT_MILLIS);
    started.addListener(new Leaving());
    async = started;
  }

  /** Lets the exchange leave when the server is done with it, however that came about. */
  private final class Leaving implements AsyncListener {
    @Override
    public void onComplete(AsyncEvent event) {
      exchanges.leave(Exchange.this);
    }

    @Override
    public void onTimeout(AsyncEvent event) {}

    @Override
    public void onError(AsyncEvent event) {
      end(0, "the client left: " + event.getThrowable());
      cut(); // whoever waits for something to send finds it ended and frees what it holds
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }

  /** The servlet has returned. Unless the exchange is asynchronous, it has ended. */
  void returned() {
    if (async == null) {
      exchanges.leave(this);
    }
  }

  /**
   * Sets what cuts the exchange off, in place of what was set before. It is run once, by any
   * thread, and at once if the exchange has been cut off already.
   */
  void onCut(Runnable how) {
    synchronized (this) {
      onCut = how;
      if (!cut) {
        return;
      }
    }
    how.run();
  }

  private synchronized boolean isCut() {
    return cut;
  }

  /** Cuts off an asynchronous exchange, by what {@link #onCut} has set; that then ends it. */
  void cut() {
    Runnable how;
    synchronized (this) {
      if (cut) {
        return;
      }
      cut = true;
      how = onCut;
    }
    if (how != null) {
      how.run();
    }
  }

  /**
   * Ends the exchange, once: completes it where it is asynchronous, and writes the access line.
   *
   * @param bytes of the body that were sent
   * @param failure why the body is not whole, or null
   */
  void end(long bytes, @Nullable String failure) {
    endBy(bytes, failure, AsyncContext::complete);
  }

  /** As {@link #end}, but the connection is cut. Only where the exchange is asynchronous. */
  void abort(long bytes, String failure) {
    endBy(
        bytes,
        failure,
        isCut()
            ? context -> Abort.whileStopping(context, failure)
            : context -> Abort.dispatch(context, failure));
  }

  /**
   * Sends a whole body, none to a HEAD, and ends the exchange.
   *
   * @throws IOException when the client has left
   */
  void end(byte[] body) throws IOException {
    synchronized (ending) {
      if (ended) {
        return;
      }
      if (!facts.isHead()) {
        response.getOutputStream().write(body);
      }
      end(facts.isHead() ? 0 : body.length, null);
    }
  }

  /**
   * Does something with the response, unless the exchange has ended.
   *
   * @return whether it was done
   */
  boolean use(Runnable how) {
    synchronized (ending) {
      if (ended) {
        return false;
      }
      how.run();
      return true;
    }
  }

  /**
   * Ends it under the lock that each use of the response takes. When a server reports an error it
   * takes request and response back as soon as its listener returns, and gives them to the next
   * client. The lock makes the server wait for a use that is under way, and every later use finds
   * the exchange ended. A failed write needs the same care: Tomcat marks the response after it has
   * begun to report the error.
   */
  private void endBy(long bytes, @Nullable String failure, Consumer<AsyncContext> how) {
    synchronized (ending) {
      if (ended) {
        return;
      }
      ended = true;
      onEnd.run();
      log.write(facts, response.getStatus(), bytes, failure);
      if (async != null) {
        handBack(async, how);
      }
    }
  }

  /** The server may have found the client gone before, and completed the exchange itself. */
  private static void handBack(AsyncContext async, Consumer<AsyncContext> how) {
    try {
      how.accept(async);
    } catch (IllegalStateException e) {
      logger.debug("The server has completed it: {}", e.getMessage());
    }
  }
}
