package io.entrepot.http;

import io.entrepot.oci.OciException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * A filter that limits how many answers of the administrative API and of the metrics are sent at
 * once. They are sent on threads of the server, which wait for a client that does not read. The
 * limit leaves the other threads to the registry API (S25).
 */
public final class AdminLimit extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private final transient Forwarding forwarding;
  private final transient ThreadLimit limit =
      new ThreadLimit("answers of the administrative API are being sent", 16, 8);

  /**
   * Makes the filter.
   *
   * @param forwarding finds the address of the client, also behind reverse proxies
   */
  public AdminLimit(Forwarding forwarding) {
    this.forwarding = forwarding;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Runnable leave;
    try {
      leave = limit.enter(forwarding.sender(request).address());
    } catch (OciException e) {
      ErrorResponder.refuseAdmin(request, response, e);
      return;
    }
    try {
      chain.doFilter(request, response);
      if (!request.isAsyncStarted()) {
        response.flushBuffer(); // here, and not after the permit is given back
      }
    } finally {
      leave.run();
    }
  }
}
