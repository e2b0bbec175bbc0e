package io.entrepot.http;

import jakarta.servlet.DispatcherType;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * A servlet that answers each request as an {@link Exchange}: it may still send when {@code
 * service} has returned.
 */
abstract class ExchangeServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final transient Forwarding forwarding;
  private final transient ErrorResponder errors;
  private final transient ExchangeLog log;
  private final transient Exchanges exchanges;

  /**
   * Wires the collaborators.
   *
   * @param forwarding tells who sends a request through a proxy
   */
  ExchangeServlet(
      Forwarding forwarding, ErrorResponder errors, ExchangeLog log, Exchanges exchanges) {
    this.forwarding = forwarding;
    this.errors = errors;
    this.log = log;
    this.exchanges = exchanges;
  }

  @Override
  protected final void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    if (request.getDispatcherType() == DispatcherType.ASYNC) {
      throw Abort.of(request);
    }
    Exchange exchange = new Exchange(request, response, forwarding.sender(request), log, exchanges);
    try {
      exchanges.enter(exchange);
      answer(exchange);
    } catch (RuntimeException e) {
      refuse(exchange, e);
    } finally {
      exchange.returned();
    }
  }

  /** Answers, now or later. What it throws is sent by {@link #refuse}. */
  abstract void answer(Exchange exchange) throws IOException;

  /** Sends an error and ends the exchange. */
  void refuse(Exchange exchange, RuntimeException failure) throws IOException {
    errors.send(exchange, failure);
  }
}
