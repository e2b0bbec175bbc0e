package io.entrepot.http;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;

/**
 * A filter that tells browsers to use TLS only (RFC 6797). It says so in every answer to a request
 * that came by TLS, and in no other.
 */
public final class StrictTransport extends HttpFilter {
  static final String HEADER = "Strict-Transport-Security";
  private static final long serialVersionUID = 1L;

  private final String value;

  /**
   * @param maxAge how long browsers remember it
   */
  public StrictTransport(Duration maxAge) {
    value = value(maxAge);
  }

  /** The value of the header. */
  public static String value(Duration maxAge) {
    return "max-age=" + maxAge.toSeconds();
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    if (request.isSecure()) {
      response.setHeader(HEADER, value);
    }
    chain.doFilter(request, response);
  }
}
