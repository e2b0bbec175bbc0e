package io.entrepot.http;

import io.entrepot.oci.OciException;
import io.entrepot.oci.RawPath;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;

/**
 * A filter that refuses path tricks, such as {@code /api/..;/v2}, before the servlets of the
 * administrative API. These see only the path as the server has decoded it. The servlet of the
 * registry API checks the raw path by itself (S10).
 */
public final class PathFilter extends HttpFilter {
  private static final long serialVersionUID = 1L;

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    try {
      var unused = RawPath.check(RegistryServlet.rawPath(request));
    } catch (OciException e) {
      byte[] body = ErrorResponder.begin(response, e);
      if (!request.getMethod().equals("HEAD")) {
        response.getOutputStream().write(body);
      }
      return;
    }
    chain.doFilter(request, response);
  }
}
