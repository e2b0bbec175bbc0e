package io.entrepot.http;

import io.entrepot.access.PasswordLogin;
import io.entrepot.access.ServerRealm;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpSession;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The realm of the server, as {@link HttpServletRequest#login} reaches it.
 *
 * @param request the request that logs in
 * @param thread the thread on which the server handles it
 */
record RequestRealm(HttpServletRequest request, Thread thread) implements ServerRealm {
  RequestRealm(HttpServletRequest request) {
    this(request, Thread.currentThread());
  }

  @Override
  public Optional<Set<String>> groups(PasswordLogin login, Set<String> asked) {
    if (Thread.currentThread() != thread) {
      throw new IllegalStateException("the request is no longer on its thread");
    }
    try {
      if (request.getUserPrincipal() != null) {
        request.logout(); // Liberty looks at Authorization by itself, and then refuses a login
      }
      request.login(login.user(), login.password());
    } catch (ServletException e) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          asked.stream().filter(request::isUserInRole).collect(Collectors.toUnmodifiableSet()));
    } finally {
      leave();
    }
  }

  /** Nothing of the login stays: who it was is asked at each request. */
  private void leave() {
    try {
      request.logout();
    } catch (ServletException e) {
      throw new IllegalStateException("the server did not log out", e);
    }
    HttpSession session = request.getSession(false);
    if (session != null) {
      session.invalidate();
    }
  }
}
