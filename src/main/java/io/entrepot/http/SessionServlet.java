package io.entrepot.http;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.access.Audit;
import io.entrepot.access.Client;
import io.entrepot.access.LoginHeader;
import io.entrepot.access.Principal;
import io.entrepot.oci.Json;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Problem;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The servlet of {@code /api/session}, by which people log in on the web pages: GET says who they
 * are, POST with a user name and a password begins a session, DELETE ends it in this browser.
 */
public final class SessionServlet extends HttpServlet {
  private static final long serialVersionUID = 1L;
  private static final ObjectMapper JSON = Json.mapper();

  private final transient Forwarding forwarding;
  private final transient @Nullable AccessControl control;
  private final transient @Nullable AdminLogins logins;
  private final transient Audit audit;

  /**
   * Wires the collaborators.
   *
   * @param control decides by the rules, or null if nobody can log in
   */
  public SessionServlet(Forwarding forwarding, @Nullable AccessControl control, Audit audit) {
    this.forwarding = forwarding;
    this.control = control;
    this.logins = control == null ? null : new AdminLogins(control);
    this.audit = audit;
  }

  /**
   * What a page has to know of a login.
   *
   * @param passwords whether somebody can log in
   * @param user who has logged in, or null
   * @param inSession whether it is by a session, which can be ended
   * @param providers whose own pages log in
   */
  public record State(
      boolean passwords, @Nullable String user, boolean inSession, List<String> providers) {}

  @Override
  protected void service(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    response.setHeader("Cache-Control", "no-store");
    Forwarding.Sender sender = forwarding.sender(request);
    try {
      switch (request.getMethod()) {
        case "GET", "HEAD" -> send(request, response, state(request, sender));
        case "POST" -> {
          SameOrigin.check(request, sender);
          send(request, response, begin(request, response, sender));
        }
        case "DELETE" -> {
          SameOrigin.check(request, sender);
          send(request, response, end(request, response, sender));
        }
        default -> refuseMethod(response);
      }
    } catch (OciException e) {
      if (e.error() == OciError.UNAUTHORIZED && logins != null) {
        logins.challenge(request, response);
      }
      ErrorResponder.refuseAdmin(request, response, e);
    }
  }

  private State state(HttpServletRequest request, Forwarding.Sender sender) {
    if (control == null || logins == null) {
      return new State(false, null, false, List.of());
    }
    Principal principal = logins.identify(request, sender).principal();
    return state(principal, logins.session(request).filter(who -> who.equals(principal)));
  }

  private State state(@Nullable Principal principal, Optional<Principal> session) {
    boolean passwords = control != null && !control.logins().ways().all().isEmpty();
    return new State(
        passwords,
        principal == null ? null : principal.toString(),
        session.isPresent(),
        control == null ? List.of() : control.providers());
  }

  /** Neither a certificate, nor a token, nor another session begins one. */
  private State begin(
      HttpServletRequest request, HttpServletResponse response, Forwarding.Sender sender)
      throws IOException {
    LoginHeader shown = LoginHeader.parse(Collections.list(request.getHeaders("Authorization")));
    if (control == null || logins == null || !(shown instanceof LoginHeader.Basic)) {
      throw new OciException(
          OciError.UNAUTHORIZED, "a session begins with a user name and a password, as Basic");
    }
    Client client = logins.identify(request, sender);
    Principal principal = client.principal();
    if (principal == null) {
      throw new OciException(
          OciError.DENIED, "this password is for an upstream; log in with a user of this cache");
    }
    control.beginSession(response, client, forwarding.isSecure(request));
    return state(principal, Optional.of(principal));
  }

  private State end(
      HttpServletRequest request, HttpServletResponse response, Forwarding.Sender sender) {
    Optional<Principal> ended = logins == null ? Optional.empty() : logins.session(request);
    ended.ifPresent(
        who ->
            audit.log(
                new Audit.Event("logout", who.toString(), sender.address(), "", "session ended")));
    ApiCookie.SESSION.forget(response, forwarding.isSecure(request));
    return state(null, Optional.empty());
  }

  private static void send(HttpServletRequest request, HttpServletResponse response, State state)
      throws IOException {
    byte[] body = JSON.writeValueAsBytes(state);
    response.setContentType("application/json");
    response.setContentLength(body.length);
    if (!request.getMethod().equals("HEAD")) {
      response.getOutputStream().write(body);
    }
  }

  private static void refuseMethod(HttpServletResponse response) throws IOException {
    byte[] body =
        JSON.writeValueAsBytes(Problem.of(405, "use GET, POST or DELETE for the session"));
    response.setStatus(HttpServletResponse.SC_METHOD_NOT_ALLOWED);
    response.setHeader("Allow", "GET, HEAD, POST, DELETE");
    response.setContentType(Problem.TYPE);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}
