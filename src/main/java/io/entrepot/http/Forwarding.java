package io.entrepot.http;

import io.entrepot.oci.IpAddress;
import jakarta.servlet.http.HttpServletRequest;
import java.net.InetAddress;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Finds the address of the client and the host that it used, also behind reverse proxies. The
 * headers {@code X-Forwarded-For}, {@code -Host}, {@code -Port} and {@code -Proto} are used only if
 * the connection comes from a trusted proxy. Malformed values are ignored (S11).
 *
 * <p>Of several values the last is used, because only that one is from the trusted proxy. {@code
 * Forwarded} (RFC 7239) is not read: a proxy that writes {@code X-Forwarded} headers passes on a
 * {@code Forwarded} header of the client unchanged, so it could be forged. Thread-safe.
 */
public final class Forwarding {
  /** An address as proxies write it, with or without brackets and port. */
  private static final Pattern HOP =
      Pattern.compile(
          "\\[(?<v6>[^\\]]{2,45})](?::[0-9]{1,5})?|(?<v4>[0-9.]{7,15}):[0-9]{1,5}|(?<bare>.{2,45})");

  /** A host as in RFC 3986, 3.2.2, but underscores are allowed because some networks use them. */
  private static final Pattern HOST =
      Pattern.compile(
          "(?<name>[a-z0-9](?:[a-z0-9._-]{0,252})|\\[(?<v6>[0-9a-f:.]{2,45})])(?::(?<port>[0-9]{1,5}))?");

  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

  private final Predicate<InetAddress> trusted;
  private volatile ServerName last = new ServerName("", Optional.empty());

  /** A name of this server as a client sent it, and its host if it is valid. */
  private record ServerName(String sent, Optional<String> host) {}

  /**
   * Makes the finder.
   *
   * @param trusted whether an address belongs to a trusted proxy
   */
  public Forwarding(Predicate<InetAddress> trusted) {
    this.trusted = trusted;
  }

  /**
   * The sender of a request.
   *
   * @param address the nearest address that is not a trusted proxy
   * @param host the host name or address of this server as the client used it, lower case, without
   *     a port; empty if the client sent no valid one
   * @param origin scheme, host and port for links; empty if no trusted proxy sent a host. Then
   *     links are relative, and the client uses the same host again.
   */
  record Sender(String address, Optional<String> host, String origin) {}

  /** Finds the sender of a request. */
  Sender sender(HttpServletRequest request) {
    Optional<InetAddress> proxy = address(request.getRemoteAddr()).filter(trusted);
    Optional<Matcher> forwardedHost =
        proxy.flatMap(p -> last(request, "X-Forwarded-Host")).flatMap(Forwarding::host);
    return new Sender(
        proxy.map(p -> nearestUntrusted(request, p)).orElseGet(request::getRemoteAddr),
        forwardedHost.map(host -> host.group("name")).or(() -> serverName(request.getServerName())),
        forwardedHost.map(host -> origin(request, host)).orElse(""));
  }

  /** Whether the client has used TLS: to this server, or to a trusted proxy that says so. */
  boolean isSecure(HttpServletRequest request) {
    return request.isSecure()
        || address(request.getRemoteAddr())
            .filter(trusted)
            .flatMap(proxy -> last(request, "X-Forwarded-Proto"))
            .filter(proto -> proto.equalsIgnoreCase("https"))
            .isPresent();
  }

  private String nearestUntrusted(HttpServletRequest request, InetAddress proxy) {
    List<String> headers = Collections.list(request.getHeaders("X-Forwarded-For"));
    String[] hops = String.join(",", headers).split(",", -1);
    InetAddress nearest = proxy;
    for (int i = hops.length - 1; i >= 0 && trusted.test(nearest); i--) {
      Optional<InetAddress> hop = address(hops[i].strip());
      if (hop.isEmpty()) {
        break;
      }
      nearest = hop.get();
    }
    return nearest.getHostAddress();
  }

  /** Nearly all requests name this server in the same way, so that the last name is remembered. */
  private Optional<String> serverName(String sent) {
    ServerName known = last;
    if (!known.sent().equals(sent)) {
      known = new ServerName(sent, host(sent).map(host -> host.group("name")));
      last = known;
    }
    return known.host();
  }

  private static Optional<InetAddress> address(String text) {
    return IpAddress.parse(text).or(() -> addressOfHop(text));
  }

  private static Optional<InetAddress> addressOfHop(String text) {
    Matcher hop = HOP.matcher(text);
    if (!hop.matches()) {
      return Optional.empty();
    }
    String v6 = hop.group("v6");
    String v4 = hop.group("v4");
    return IpAddress.parse(v6 != null ? v6 : v4 != null ? v4 : hop.group("bare"));
  }

  private static Optional<Matcher> host(String text) {
    Matcher host = HOST.matcher(text.toLowerCase(Locale.ROOT));
    if (!host.matches()) {
      return Optional.empty();
    }
    String v6 = host.group("v6");
    boolean real = v6 == null || IpAddress.parse(v6).isPresent();
    return real && isPort(host.group("port")) ? Optional.of(host) : Optional.empty();
  }

  private static boolean isPort(String text) {
    return text == null || Integer.parseInt(text) <= 65_535;
  }

  private static String origin(HttpServletRequest request, Matcher host) {
    String scheme =
        last(request, "X-Forwarded-Proto")
            .map(proto -> proto.toLowerCase(Locale.ROOT))
            .filter(proto -> proto.equals("http") || proto.equals("https"))
            .orElseGet(request::getScheme);
    Optional<String> port =
        Optional.ofNullable(host.group("port"))
            .or(() -> last(request, "X-Forwarded-Port").filter(p -> PORT.matcher(p).matches()))
            .filter(p -> isPort(p) && !p.equals(scheme.equals("https") ? "443" : "80"));
    return scheme + "://" + host.group("name") + port.map(p -> ":" + p).orElse("");
  }

  private static Optional<String> last(HttpServletRequest request, String header) {
    List<String> values = Collections.list(request.getHeaders(header));
    String all = String.join(",", values);
    return Optional.of(all.substring(all.lastIndexOf(',') + 1).strip())
        .filter(value -> !value.isEmpty());
  }
}
