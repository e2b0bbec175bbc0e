package io.entrepot.admin;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import io.entrepot.oci.Quoted;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

/** The servlet for {@code /metrics}, in the text format of Prometheus. */
public final class MetricsServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = Json.mapper();

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

  private static void refuse(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    int status = HttpServletResponse.SC_METHOD_NOT_ALLOWED;
    response.setStatus(status);
    response.setHeader("Allow", "GET, HEAD");
    response.setContentType("application/json");
    String message = Quoted.of(request.getMethod()) + " is not allowed: use GET";
    byte[] body = JSON.writeValueAsBytes(new ErrorBody(status, message));
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
