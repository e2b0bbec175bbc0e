package io.entrepot.admin;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.oci.Json;
import io.entrepot.oci.Problem;
import io.entrepot.oci.Quoted;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/** A servlet that answers only GET and HEAD. Its errors are problems, as those of the API. */
abstract class ReadOnlyServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = Json.mapper();

  @Override
  protected final void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (request.getMethod()) {
      case "GET", "HEAD" -> answer(request, response);
      default -> {
        response.setHeader("Allow", "GET, HEAD");
        String message = Quoted.of(request.getMethod()) + " is not allowed: use GET";
        refuse(request, response, HttpServletResponse.SC_METHOD_NOT_ALLOWED, message);
      }
    }
  }

  /** Answers a GET or a HEAD. */
  abstract void answer(HttpServletRequest request, HttpServletResponse response) throws IOException;

  static void refuse(
      HttpServletRequest request, HttpServletResponse response, int status, String message)
      throws IOException {
    response.setStatus(status);
    send(request, response, Problem.TYPE, JSON.writeValueAsBytes(Problem.of(status, message)));
  }

  /** Sends a body; in the answer to a HEAD only its type and length. */
  static void send(
      HttpServletRequest request, HttpServletResponse response, String type, byte[] body)
      throws IOException {
    response.setContentType(type);
    response.setContentLength(body.length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(body);
    }
  }
}
