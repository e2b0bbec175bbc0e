package io.entrepot.http;

import io.entrepot.access.Client;
import io.entrepot.access.ProviderLogins;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servlet by which people log in at OpenID Connect providers: {@code /api/login} sends a
 * browser to the page of a provider, which sends it back to {@code /api/callback}. Both stand
 * beside {@code /api/session}, so that they share its cookies.
 */
public final class ProviderServlet extends HttpServlet {
  /** Where a browser comes back. */
  public static final String CALLBACK = "/api/callback";

  /** Where a browser begins. */
  public static final String LOGIN = "/api/login";

  private static final long serialVersionUID = 1L;
  private static final Logger log = LoggerFactory.getLogger(ProviderServlet.class);

  /** What may stand behind the hash of the pages. */
  private static final Pattern BACK = Pattern.compile("/[A-Za-z0-9/?&=%.:@+_~*-]{0,500}");

  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  private final transient Forwarding forwarding;
  private final transient AccessControl control;
  private final transient ProviderLogins providers;

  /** Wires the collaborators. */
  public ProviderServlet(Forwarding forwarding, AccessControl control, ProviderLogins providers) {
    this.forwarding = forwarding;
    this.control = control;
    this.providers = providers;
  }

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    response.setHeader("Referrer-Policy", "no-referrer"); // the URL has a code
    try {
      if (!request.getMethod().equals("GET")) {
        throw new OciException(OciError.UNSUPPORTED, "this is for browsers, by GET");
      }
      Form query = Form.parse(request.getQueryString());
      if (RegistryServlet.rawPath(request).equals(CALLBACK)) {
        end(request, response, query);
      } else {
        begin(request, response, query);
      }
    } catch (OciException e) {
      ErrorResponder.refuseAdmin(request, response, e);
    }
  }

  private void begin(HttpServletRequest request, HttpServletResponse response, Form query) {
    String wanted = query.first("back");
    String back = BACK.matcher(wanted).matches() ? wanted : "";
    Optional<ProviderLogins.Begun> begun;
    try {
      begun = providers.begin(query.first("provider"), callback(request), back);
    } catch (IOException e) {
      unavailable(response, e);
      return;
    }
    if (begun.isEmpty()) {
      throw new OciException(OciError.ENDPOINT_UNKNOWN, "there is no such provider");
    }
    ApiCookie.LOGIN.set(
        response, begun.get().cookie(), ProviderLogins.PATIENCE, forwarding.isSecure(request));
    lead(response, begun.get().location().toString());
  }

  private void end(HttpServletRequest request, HttpServletResponse response, Form query)
      throws IOException {
    Client client = Client.anonymous(forwarding.sender(request).address());
    boolean secure = forwarding.isSecure(request);
    ApiCookie.LOGIN.forget(response, secure);
    if (control.logins().isSlowed(client)) {
      trouble(response, "slowed");
      return;
    }
    List<String> kept = ApiCookie.LOGIN.values(request);
    ProviderLogins.Ended ended;
    try {
      ended =
          providers.end(
              new ProviderLogins.Return(
                  kept.size() == 1 ? kept.get(0) : "",
                  query.first("state"),
                  query.first("code"),
                  query.first("iss")));
    } catch (IOException e) {
      unavailable(response, e);
      return;
    }
    if (ended instanceof ProviderLogins.Ended.In in) {
      Client known = new Client(client.address(), in.principal(), null);
      control.beginSession(response, known, secure);
      lead(response, "../ui/#" + in.back());
    } else if (ended instanceof ProviderLogins.Ended.Refused refused) {
      control.logins().refusedByProvider(client, refused.why());
      trouble(response, "refused");
    }
  }

  private static void unavailable(HttpServletResponse response, IOException e) {
    log.warn("A login at an OpenID Connect provider cannot go on: {}", e.getMessage());
    trouble(response, "unavailable");
  }

  /** Leads back to the form, which has a sentence for it. */
  private static void trouble(HttpServletResponse response, String what) {
    lead(response, "../ui/#/login?trouble=" + what);
  }

  private static void lead(HttpServletResponse response, String location) {
    response.setStatus(HttpServletResponse.SC_FOUND);
    response.setHeader("Location", location);
  }

  /** The URL of this servlet as the browser has called it. The provider knows which may be. */
  private URI callback(HttpServletRequest request) {
    Forwarding.Sender sender = forwarding.sender(request);
    String path = request.getContextPath() + CALLBACK;
    if (!sender.origin().isEmpty()) {
      return URI.create(sender.origin() + path);
    }
    String host =
        sender
            .host()
            .orElseThrow(
                () -> new OciException(OciError.NAME_INVALID, "the host of this cache is unclear"));
    boolean secure = forwarding.isSecure(request);
    int port = request.getServerPort();
    boolean isUsual = port == HTTP || (secure && port == HTTPS);
    return URI.create(
        (secure ? "https://" : "http://") + host + (isUsual ? "" : ":" + port) + path);
  }
}
