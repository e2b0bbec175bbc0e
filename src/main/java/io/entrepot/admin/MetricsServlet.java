package io.entrepot.admin;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import io.entrepot.oci.Problem;
import io.entrepot.oci.Quoted;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/**
 * The servlet for {@code /metrics}, in the text format of Prometheus, or in OpenMetrics if the
 * client prefers that.
 */
public final class MetricsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = Json.mapper();
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
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (request.getMethod()) {
      case "GET", "HEAD" -> send(request, response);
      default -> refuse(request, response);
    }
  }

  private void send(HttpServletRequest request, HttpServletResponse response) throws IOException {
    stored.countAgain();
    String type = Accept.of(request).prefersOpenMetrics() ? OPEN_METRICS : TEXT;
    byte[] body = registry.scrape(type).getBytes(StandardCharsets.UTF_8);
    response.setHeader("Vary", "Accept");
    response.setContentType(type);
    response.setContentLength(body.length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(body);
    }
  }

  private static void refuse(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int status = HttpServletResponse.SC_METHOD_NOT_ALLOWED;
    response.setStatus(status);
    response.setHeader("Allow", "GET, HEAD");
    response.setContentType(Problem.TYPE);
    String message = Quoted.of(request.getMethod()) + " is not allowed: use GET";
    byte[] body = JSON.writeValueAsBytes(Problem.of(status, message));
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
