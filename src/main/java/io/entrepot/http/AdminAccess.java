package io.entrepot.http;

import io.entrepot.access.AccessRules;
import io.entrepot.access.Audit;
import io.entrepot.access.Client;
import io.entrepot.access.Right;
import io.entrepot.access.Viewer;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A filter that asks for the right to view before the administrative API and the metrics, and for
 * the right to manage where a method may change something. Where no setting says who may, everybody
 * may view, and only requests from this machine may change something. It stands behind {@link
 * AdminLimit}, so that only a few threads wait for a password to be checked.
 */
public final class AdminAccess extends HttpFilter {
  private static final long serialVersionUID = 1L;

  /** Probes have no password. These answer one word. */
  static final Set<String> OPEN = Set.of("/api/health/live", "/api/health/ready");

  private static final Set<String> READING = Set.of("GET", "HEAD", "OPTIONS");

  private final transient Forwarding forwarding;
  private final transient @Nullable AccessControl control;
  private final transient @Nullable AdminLogins logins;
  private final transient Audit audit;

  /**
   * Wires the collaborators.
   *
   * @param control decides by the rules, or null if there are none
   */
  public AdminAccess(Forwarding forwarding, @Nullable AccessControl control, Audit audit) {
    this.forwarding = forwarding;
    this.control = control;
    this.logins = control == null ? null : new AdminLogins(control);
    this.audit = audit;
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String path = RegistryServlet.rawPath(request);
    Forwarding.Sender sender = forwarding.sender(request);
    Client client = Client.anonymous(sender.address());
    boolean changes = !READING.contains(request.getMethod());
    try {
      if (changes) {
        checkOrigin(request, sender, client);
      }
      if (control == null) {
        checkLocal(request, client, changes);
      } else if (logins != null && !OPEN.contains(path)) {
        client = logins.identify(request, sender);
        check(client, control.rules(), changes ? Right.MANAGE : Right.VIEW);
      }
    } catch (OciException e) {
      if (e.error() == OciError.UNAUTHORIZED && logins != null) {
        logins.challenge(request, response);
      }
      ErrorResponder.refuseAdmin(request, response, e);
      return;
    }
    Viewer viewer = control == null ? Viewer.unrestricted(client) : control.viewer(client);
    request.setAttribute(Viewer.ATTRIBUTE, viewer);
    response.setHeader("Cache-Control", "no-store");
    chain.doFilter(request, response);
  }

  private void checkOrigin(HttpServletRequest request, Forwarding.Sender sender, Client client) {
    try {
      SameOrigin.check(request, sender);
    } catch (OciException e) {
      refused(client, Right.MANAGE);
      throw e;
    }
  }

  private void checkLocal(HttpServletRequest request, Client client, boolean changes) {
    if (changes && !LocalRequest.isLocal(request)) {
      refused(client, Right.MANAGE);
      throw new OciException(
          OciError.DENIED,
          "nobody can log in here, so that only requests from the machine of this cache may change"
              + " something; the settings auth and access say who else may");
    }
  }

  private void check(Client client, AccessRules rules, Right right) {
    if (rules.givesSome(client, right)) {
      return;
    }
    refused(client, right);
    throw client.principal() == null
        ? new OciException(OciError.UNAUTHORIZED, "log in to " + right.label() + " this")
        : new OciException(OciError.DENIED, "you may not " + right.label() + " this");
  }

  private void refused(Client client, Right right) {
    audit.log(new Audit.Event(right.label(), client.who(), client.address(), "", "refused"));
  }
}
