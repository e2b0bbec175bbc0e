package io.entrepot.http;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.List;
import java.util.Locale;

/**
 * The check that a request which changes something does not come from a page of another site. A
 * browser says where its page is from, by {@code Sec-Fetch-Site} or by {@code Origin}. Other
 * clients send neither, and no session: who sends one must say where it is from (S18).
 */
final class SameOrigin {
  private SameOrigin() {}

  /**
   * Checks a request.
   *
   * @throws OciException with {@code DENIED} if a page of another site sends it
   */
  static void check(HttpServletRequest request, Forwarding.Sender sender) {
    List<String> sites = Collections.list(request.getHeaders("Sec-Fetch-Site"));
    List<String> origins = Collections.list(request.getHeaders("Origin"));
    boolean isSilent = sites.isEmpty() && origins.isEmpty();
    boolean isOurs =
        sites.isEmpty()
            ? origins.stream().allMatch(origin -> isOurs(origin, request, sender))
            : sites.stream().allMatch(site -> site.equals("same-origin") || site.equals("none"));
    if (!isOurs || (isSilent && !ApiCookie.SESSION.values(request).isEmpty())) {
      throw new OciException(
          OciError.DENIED, "a page of another site may not change anything here");
    }
  }

  private static boolean isOurs(
      String origin, HttpServletRequest request, Forwarding.Sender sender) {
    String wanted = origin.toLowerCase(Locale.ROOT);
    String host = request.getHeader("Host");
    String called = host == null ? "" : host.toLowerCase(Locale.ROOT);
    return wanted.equals(sender.origin())
        || wanted.equals("http://" + called)
        || wanted.equals("https://" + called); // a proxy in front may have ended TLS
  }
}
