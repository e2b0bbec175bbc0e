package io.entrepot.http;

import jakarta.servlet.http.Cookie;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;

/**
 * A cookie of the web pages. It names no path: the browser then sends it to whatever stands in the
 * same folder as the call that has set it, which is {@code /api}, behind any prefix of a proxy. So
 * {@code /v2} never gets it. No script can read it.
 */
enum ApiCookie {
  /** The session of a person. No page of another site has the browser send it. */
  SESSION("entrepot-session", "Strict"),

  /** A login that goes on at a provider, whose page leads back here. */
  LOGIN("entrepot-login", "Lax");

  /** Browsers keep no cookie of more than 4,096 characters with its name and attributes. */
  static final int MAX_VALUE = 3800;

  private final String title;
  private final String sameSite;

  ApiCookie(String title, String sameSite) {
    this.title = title;
    this.sameSite = sameSite;
  }

  /** The values that a request has sent: of several cookies of this name, each. */
  List<String> values(HttpServletRequest request) {
    Cookie[] cookies = request.getCookies();
    return cookies == null
        ? List.of()
        : Arrays.stream(cookies)
            .filter(cookie -> cookie.getName().equals(title))
            .map(Cookie::getValue)
            .toList();
  }

  /**
   * Sets it.
   *
   * @param secure whether the browser shall send it by TLS only
   */
  void set(HttpServletResponse response, String value, Duration lifetime, boolean secure) {
    response.addHeader(
        "Set-Cookie",
        "%s=%s; Max-Age=%d; HttpOnly; SameSite=%s%s"
            .formatted(title, value, lifetime.toSeconds(), sameSite, secure ? "; Secure" : ""));
  }

  /** Has the browser forget it. */
  void forget(HttpServletResponse response, boolean secure) {
    set(response, "", Duration.ZERO, secure);
  }
}
