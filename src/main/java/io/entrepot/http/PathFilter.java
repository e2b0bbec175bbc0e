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
 * A filter that refuses path tricks, such as {@code /v2/..;/metrics}, before every servlet but that
 * of the registry API. A servlet sees only the path as the server has decoded it, and a reverse
 * proxy in front may read it differently. The servlet of the registry API checks the raw path by
 * itself (S10, S34).
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
      ErrorResponder.refuse(request, response, e);
      return;
    }
    response.setHeader("X-Content-Type-Options", "nosniff");
    chain.doFilter(request, response);
  }
}
