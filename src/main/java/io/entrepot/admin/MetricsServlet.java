package io.entrepot.admin;

import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The servlet for {@code /metrics}, in the text format of Prometheus, or in OpenMetrics if the
 * client prefers that.
 */
public final class MetricsServlet extends ReadOnlyServlet {
  private static final long serialVersionUID = 1L;
  private static final String TEXT = "text/plain; version=0.0.4; charset=utf-8";
  private static final String OPEN_METRICS =
      "application/openmetrics-text; version=1.0.0; charset=utf-8";

  private final transient PrometheusMeterRegistry registry;
  private final transient StoredMeters stored;

  public MetricsServlet(PrometheusMeterRegistry registry, StoredMeters stored) {
    this.registry = registry;
    this.stored = stored;
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    stored.countAgain();
    String type = Accept.of(request).prefersOpenMetrics() ? OPEN_METRICS : TEXT;
    byte[] body = registry.scrape(type).getBytes(StandardCharsets.UTF_8);
    response.setHeader("Vary", "Accept");
    send(request, response, type, body);
  }
}
