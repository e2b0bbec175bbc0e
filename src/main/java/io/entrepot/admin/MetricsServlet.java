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
  private final transient Runnable counts;

  /**
   * Shows the metrics of a registry.
   *
   * @param counts begins in the background to count what the next scrape shows
   */
  public MetricsServlet(PrometheusMeterRegistry registry, Runnable counts) {
    this.registry = registry;
    this.counts = counts;
  }

  @Override
  void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
    counts.run();
    String type = Accept.of(request).prefersOpenMetrics() ? OPEN_METRICS : TEXT;
    byte[] body = registry.scrape(type).getBytes(StandardCharsets.UTF_8);
    response.setHeader("Vary", "Accept");
    send(request, response, type, body);
  }
}
