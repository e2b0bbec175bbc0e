package io.entrepot.http;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Cost;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Query;
import io.entrepot.oci.RegistryRequest;
import jakarta.servlet.AsyncContext;
import jakarta.servlet.AsyncEvent;
import jakarta.servlet.AsyncListener;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client request and its response, with what the access line will say of it. Handed from thread
 * to thread, used by one at a time.
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
  private final Forwarding.Client client;
  private final ExchangeLog log;
  private final Exchanges exchanges;
  private final String method;
  private final String path;
  private final Cost cost = new Cost();
  private final long begunAtNanos = System.nanoTime();
  private final Object ending = new Object();
  private boolean ended;
  private String kind = "other";
  private String wanted = "";
  private boolean routedByHost;
  private @Nullable CacheOutcome outcome;
  private @Nullable AsyncContext async;
  private Runnable onEnd = () -> {};
  private @Nullable Runnable onCut;
  private boolean cut;

  /**
   * Begins one.
   *
   * @param client whose request it is
   */
  Exchange(
      HttpServletRequest request,
      HttpServletResponse response,
      Forwarding.Client client,
      ExchangeLog log,
      Exchanges exchanges) {
    this.client = client;
    this.request = request;
    this.response = response;
    this.log = log;
    this.exchanges = exchanges;
    // Taken now: at the end, Liberty tells the path of an earlier request on the same connection.
    this.method = request.getMethod();
    this.path = request.getRequestURI();
  }

  HttpServletRequest request() {
    return request;
  }

  HttpServletResponse response() {
    return response;
  }

  Cost cost() {
    return cost;
  }

  boolean isHead() {
    return method.equals("HEAD");
  }

  String method() {
    return method;
  }

  /** The raw path as the client sent it. */
  String path() {
    return path;
  }

  /** The address of the client. */
  String client() {
    return client.address();
  }

  /** The host that the client meant, lower case, without a port; empty where it is not valid. */
  Optional<String> host() {
    return client.host();
  }

  /** The URL by which the client came, as far as a trusted proxy says; else empty. */
  String origin() {
    return client.origin();
  }

  /**
   * The registry that the client believes to talk to, as containerd tells its mirrors; null where
   * it does not say.
   *
   * @throws OciException when the query cannot be read
   */
  @Nullable String namespace() {
    return Query.parse(request.getQueryString()).get("ns");
  }

  @Nullable String header(String name) {
    return request.getHeader(name);
  }

  /** Has something run once when the exchange ends. */
  void onEnd(Runnable action) {
    onEnd = action;
  }

  /** What is asked for: {@code blob}, {@code manifest}, {@code list}. */
  void kind(String what) {
    kind = what;
  }

  String kind() {
    return kind;
  }

  /** What is asked for under the name that it has here, as {@link RegistryRequest#wanted}. */
  void wanted(String what) {
    wanted = what;
  }

  String wanted() {
    return wanted;
  }

  /** The host name that the client came to says which upstream it means. */
  void routedByHost() {
    routedByHost = true;
  }

  boolean isRoutedByHost() {
    return routedByHost;
  }

  void outcome(CacheOutcome how) {
    outcome = how;
  }

  @Nullable CacheOutcome outcome() {
    return outcome;
  }

  long elapsedNanos() {
    return System.nanoTime() - begunAtNanos;
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

  /** Has the exchange leave when the server has done with it, whichever way that came about. */
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
      cut(); // whoever waits for something to send finds it ended, and lets go of what it holds
    }

    @Override
    public void onStartAsync(AsyncEvent event) {}
  }

  /** The servlet is done: where nothing goes on by itself, so is the exchange. */
  void returned() {
    if (async == null) {
      exchanges.leave(this);
    }
  }

  /**
   * Says how to cut the exchange off, in place of what was said before. It is run once, by any
   * thread, and at once where the time for it has come.
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

  /** Cuts it off as far as it goes on by itself; the one who does that ends it. */
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
      if (!isHead()) {
        response.getOutputStream().write(body);
      }
      end(isHead() ? 0 : body.length, null);
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
   * A server that tells of an error ends the exchange when its word was heard, and uses what it is
   * made of for the next one. So whoever is using the response or about to end it here is waited
   * for then, and who comes later finds it ended: it must not touch the next one. A failed write is
   * no exception: Tomcat notes it in the response after it has begun to tell of it elsewhere.
   */
  private void endBy(long bytes, @Nullable String failure, Consumer<AsyncContext> how) {
    synchronized (ending) {
      if (ended) {
        return;
      }
      ended = true;
      onEnd.run();
      log.write(this, bytes, failure);
      if (async != null) {
        handBack(async, how);
      }
    }
  }

  /** A server that finds the client gone may be faster, and complete the exchange by itself. */
  private static void handBack(AsyncContext async, Consumer<AsyncContext> how) {
    try {
      how.accept(async);
    } catch (IllegalStateException e) {
      logger.debug("The server has completed it: {}", e.getMessage());
    }
  }
}
