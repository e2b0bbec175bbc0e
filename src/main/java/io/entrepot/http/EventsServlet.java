package io.entrepot.http;

import io.entrepot.access.Viewer;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.EventStream;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/**
 * The servlet of {@code /api/events}: what happens in the cache, as it happens (Server-Sent
 * Events). No thread waits for an event, or for a client that does not read.
 */
public final class EventsServlet extends ExchangeServlet {
  private static final long serialVersionUID = 1L;
  private static final String TYPE = "text/event-stream"; // always in UTF-8
  private static final Duration RETRY_AFTER = Duration.ofSeconds(30);

  private final transient Function<Viewer, Optional<EventStream>> open;
  private final transient AsyncAnswers answers;

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
    super(forwarding, answers.errors(), log, exchanges);
    this.open = open;
    this.answers = answers;
  }

  @Override
  void answer(Exchange exchange) throws IOException {
    exchange.facts().kind("events");
    if (exchange.facts().isHead()) {
      exchange.response().setContentType(TYPE);
      exchange.end(0, null);
    } else if (exchange.request().getMethod().equals("GET")) {
      stream(exchange);
    } else {
      throw new OciException(OciError.UNSUPPORTED, "ask for events by GET");
    }
  }

  /** Errors are those of the administrative API. */
  @Override
  void refuse(Exchange exchange, RuntimeException failure) throws IOException {
    if (!(failure instanceof OciException known)) {
      throw failure;
    }
    ErrorResponder.refuseAdmin(exchange.request(), exchange.response(), known);
    exchange.end(0, known.getMessage());
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
