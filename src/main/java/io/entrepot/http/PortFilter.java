package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * A filter that keeps the administrative API, or what nodes ask each other, on a port of its own.
 * At the wrong port there is nothing: the answer is 404, whoever asks. Only the two probes are at
 * both. The port is that of the socket, so that no header can change it.
 */
public final class PortFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private final int port;
  private final boolean only;

  /**
   * Makes the filter.
   *
   * @param port the port
   * @param only whether it stands before what is only at this port, or before everything else
   */
  public PortFilter(int port, boolean only) {
    this.port = port;
    this.only = only;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      boolean isThePort = request.getLocalPort() == port;
      String path = RegistryServlet.rawPath(request);
      if (isThePort != only && !(only && AdminAccess.OPEN.contains(path))) {
        throw new OciException(OciError.ENDPOINT_UNKNOWN, "there is nothing at this port");
      }
    } catch (OciException e) {
      ErrorResponder.refuse(request, response, e);
      return;
    }
    chain.doFilter(request, response);
  }
}
