package io.entrepot.admin;

import io.entrepot.oci.Json;
import io.entrepot.oci.Quoted;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** The servlet for {@code /metrics}, in the text format of Prometheus. */
public final class MetricsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;

  private final transient PrometheusMeterRegistry registry;

  public MetricsServlet(PrometheusMeterRegistry registry) {
    this.registry = registry;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (request.getMethod()) {
      case "GET" -> send(response, scrape(), true);
      case "HEAD" -> send(response, scrape(), false);
      default -> refuse(request, response);
    }
  }

  private byte[] scrape() {
    return registry.scrape().getBytes(StandardCharsets.UTF_8);
  }

  private static void send(HttpServletResponse response, byte[] body, boolean withBody)
      throws IOException {
    response.setContentType("text/plain; version=0.0.4; charset=utf-8");
    response.setContentLength(body.length);
    if (withBody) {
      response.getOutputStream().write(body);
    }
  }

  /** The JSON is the same as for other errors of the administrative API. */
  private static void refuse(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String message = Quoted.of(request.getMethod()) + " is not allowed: use GET";
    response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
    response.setHeader("Allow", "GET, HEAD");
    response.setContentType("application/json");
    byte[] body =
        Json.mapper()
            .writeValueAsBytes(
                Map.of("status", HttpServletResponse.SC_METHOD_NOT_ALLOWED, "message", message));
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
