package io.entrepot.http;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * The cookie that has the session of a person. It names no path: the browser then sends it to
 * whatever stands in the same folder as the call that has set it, which is {@code /api}, behind any
 * prefix of a proxy. So {@code /v2} never gets it.
 */
final class SessionCookie {
  /** Browsers keep no cookie of more than 4,096 characters with its name and attributes. */
  static final int MAX_VALUE = 3800;

  private static final String NAME = "entrepot-session";

  private SessionCookie() {}

  /** The values that a request has sent: of several cookies of this name, each. */
  static List<String> values(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    return cookies == null
        ? List.of()
        : Arrays.stream(cookies)
            .filter(cookie -> cookie.getName().equals(NAME))
            .map(Cookie::getValue)
            .toList();
  }

  /**
   * Sets it. No script can read it, and no page of another site has the browser send it.
   *
   * @param secure whether the browser shall send it by TLS only
   */
  static void set(HttpServletResponse response, String value, Duration lifetime, boolean secure) {
    response.addHeader(
        "Set-Cookie",
        "%s=%s; Max-Age=%d; HttpOnly; SameSite=Strict%s"
            .formatted(NAME, value, lifetime.toSeconds(), secure ? "; Secure" : ""));
  }

  /** Has the browser forget it. */
  static void forget(HttpServletResponse response, boolean secure) {
    set(response, "", Duration.ZERO, secure);
  }
}
