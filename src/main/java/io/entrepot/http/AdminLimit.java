package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.Semaphore;

/**
 * A filter that limits how many answers of the administrative API and of the metrics are sent at
 * once. They are sent on threads of the server, which wait for a client that does not read. The
 * limit leaves the other threads to the registry API (S25).
 */
public final class AdminLimit extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** Less than the smallest number of threads that a server has by our configuration. */
  private static final int MAX = 16;

  /** Half of them, so that one client cannot keep all others out. */
  private static final int MAX_PER_CLIENT = 8;

  private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

  private final transient Forwarding forwarding;
  private final transient Semaphore permits = new Semaphore(MAX);
  private final transient ClientLimit clients = new ClientLimit(MAX_PER_CLIENT);

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
      leave = enter(forwarding.sender(request).address());
    } catch (OciException e) {
      ErrorResponder.refuse(request, response, e);
      return;
    }
    try {
      chain.doFilter(request, response);
      response.flushBuffer(); // here, and not after the permit is given back
    } finally {
      leave.run();
    }
  }

  private Runnable enter(String address) {
    Runnable leave = clients.enter(address);
    if (!permits.tryAcquire()) {
      leave.run();
      throw new OciException(
          OciError.UNAVAILABLE,
          "too many answers of the administrative API are being sent; try again",
          RETRY_AFTER,
          null);
    }
    return () -> {
      permits.release();
      leave.run();
    };
  }
}
