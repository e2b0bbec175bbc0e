package io.entrepot.http;

import io.entrepot.access.Viewer;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.EventStream;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The servlet of {@code /api/events}: what happens in the cache, as it happens (Server-Sent
 * Events). No thread waits for an event, or for a client that does not read.
 */
public final class EventsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final String TYPE = "text/event-stream"; // always in UTF-8
  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final transient Function<Viewer, Optional<EventStream>> open;
  private final transient Forwarding forwarding;
  private final transient AsyncAnswers answers;
  private final transient ExchangeLog log;
  private final transient Exchanges exchanges;

  /**
   * Wires the collaborators.
   *
   * @param open makes the stream of a viewer; empty if there are too many
   */
  public EventsServlet(
      Function<Viewer, Optional<EventStream>> open,
      Forwarding forwarding,
      AsyncAnswers answers,
      ExchangeLog log,
      Exchanges exchanges) {
    this.open = open;
    this.forwarding = forwarding;
    this.answers = answers;
    this.log = log;
    this.exchanges = exchanges;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (request.getDispatcherType() == DispatcherType.ASYNC) {
      throw Abort.of(request);
    }
    Exchange exchange = new Exchange(request, response, forwarding.sender(request), log, exchanges);
    exchange.facts().kind("events");
    try {
      exchanges.enter(exchange);
      if (exchange.facts().isHead()) {
        response.setContentType(TYPE);
        exchange.end(0, null);
      } else if (request.getMethod().equals("GET")) {
        stream(exchange);
      } else {
        throw new OciException(OciError.UNSUPPORTED, "ask for events by GET");
      }
    } catch (OciException e) {
      ErrorResponder.refuseAdmin(request, response, e);
      exchange.end(0, e.getMessage());
    } finally {
      exchange.returned();
    }
  }

  private void stream(Exchange exchange) throws IOException {
    Viewer viewer = Viewer.of(exchange.request().getAttribute(Viewer.ATTRIBUTE));
    EventStream stream =
        open.apply(viewer)
            .orElseThrow(
                () ->
                    new OciException(
                        OciError.UNAVAILABLE,
                        "too many clients read events already; try again later",
                        RETRY_AFTER,
                        null));
    exchange.response().setContentType(TYPE);
    exchange.response().setHeader("X-Accel-Buffering", "no"); // nginx would hold events back
    exchange.startAsync();
    stream.beat(); // so that the head leaves at once, and the client knows that it is told
    stream.onDrop(exchange::cut);
    answers.pump(exchange, new BlobReader(stream, 0, Long.MAX_VALUE), EventStream.MAX_WAITING);
  }
}
