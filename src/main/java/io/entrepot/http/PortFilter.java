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
 * A filter that keeps the administrative API and the registry API on different ports. At the wrong
 * port there is nothing: the answer is 404, whoever asks. Only the two probes are at both ports.
 * The port is that of the socket, so that no header can change it.
 */
public final class PortFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  private final int adminPort;
  private final boolean forAdmin;

  /**
   * Makes the filter.
   *
   * @param adminPort the port of the administrative API
   * @param forAdmin whether it stands before the administrative API, or before everything else
   */
  public PortFilter(int adminPort, boolean forAdmin) {
    this.adminPort = adminPort;
    this.forAdmin = forAdmin;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      boolean isAdminPort = request.getLocalPort() == adminPort;
      String path = RegistryServlet.rawPath(request);
      if (isAdminPort != forAdmin && !(forAdmin && AdminAccess.OPEN.contains(path))) {
        throw new OciException(OciError.ENDPOINT_UNKNOWN, "there is nothing at this port");
      }
    } catch (OciException e) {
      ErrorResponder.refuse(request, response, e);
      return;
    }
    chain.doFilter(request, response);
  }
}
