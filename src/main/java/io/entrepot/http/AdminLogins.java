package io.entrepot.http;

import io.entrepot.access.Caller;
import io.entrepot.access.Client;
import io.entrepot.access.Principal;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Finds out who sends a request to the administrative API: by its header {@code Authorization}, or
 * without one by the session that its cookie has. The thread waits meanwhile. Thread-safe.
 */
final class AdminLogins {
  /** How long a thread waits for a password to be checked. */
  private static final int PATIENCE_SECONDS = 10;

  private final AccessControl control;

  AdminLogins(AccessControl control) {
    this.control = control;
  }

  /**
   * Identifies the client of a request.
   *
   * @throws OciException if its credentials are wrong. A session that has ended counts as none.
   */
  Client identify(HttpServletRequest request, Forwarding.Sender sender) {
    Optional<Principal> inSession =
        request.getHeader("Authorization") == null ? session(request) : Optional.empty();
    return inSession.isPresent()
        ? new Client(sender.address(), inSession.get(), null)
        : identifyByHeader(request, sender);
  }

  /** Whose session the cookie of a request has; empty if it has none that counts. */
  Optional<Principal> session(HttpServletRequest request) {
    if (!RegistryServlet.rawPath(request).startsWith("/api/")) {
      return Optional.empty(); // whoever scrapes metrics is no browser
    }
    return ApiCookie.SESSION.values(request).stream()
        .flatMap(value -> control.web().sessions().find(value).stream())
        .findFirst();
  }

  private Client identifyByHeader(HttpServletRequest request, Forwarding.Sender sender) {
    List<String> fields = Collections.list(request.getHeaders("Authorization"));
    Caller caller =
        new Caller(
            sender.address(),
            fields,
            control.certificates(request),
            new RequestRealm(request),
            control.clients().upstreamOf(sender.host()));
    try {
      Client client = control.logins().identify(caller).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (client.scopes() != null) {
        throw new OciException(OciError.UNAUTHORIZED, "a token is for pulls; log in here by Basic");
      }
      return client;
    } catch (ExecutionException e) {
      throw e.getCause() instanceof OciException refused
          ? refused
          : new OciException(OciError.INTERNAL, "the login failed unexpectedly");
    } catch (TimeoutException e) {
      throw new OciException(OciError.UNAVAILABLE, "too many passwords wait to be checked");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new OciException(OciError.UNAVAILABLE, "this cache is about to stop");
    }
  }

  /**
   * Sets the challenge of a 401. The web pages have a form of their own, and say so: a browser that
   * reads Basic would open its dialog in front of it.
   */
  void challenge(HttpServletRequest request, HttpServletResponse response) {
    boolean isOfAPage = "XMLHttpRequest".equals(request.getHeader("X-Requested-With"));
    response.setHeader(
        "WWW-Authenticate",
        isOfAPage ? "Session realm=\"/api/session\"" : control.basicChallenge());
  }
}
