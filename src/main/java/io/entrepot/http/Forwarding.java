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
 * Tells from which address a request comes and by which host, also behind reverse proxies: what
 * those say in {@code X-Forwarded-For}, {@code -Host}, {@code -Port} and {@code -Proto} counts
 * where the connection comes from one that is trusted, and nothing counts that is not well-formed
 * (S11).
 *
 * <p>Of several values the last one is taken, since only that is the trusted proxy's own. {@code
 * Forwarded} (RFC 7239) is not read: a proxy that writes one kind hands on the other as the client
 * wrote it, so that only one kind can be believed. Thread-safe.
 */
public final class Forwarding {
  /** An address as proxies write it: perhaps in brackets, perhaps with a port. */
  private static final Pattern HOP =
      Pattern.compile(
          "\\[(?<v6>[^\\]]{2,45})](?::[0-9]{1,5})?|(?<v4>[0-9.]{7,15}):[0-9]{1,5}|(?<bare>.{2,45})");

  /** RFC 3986, 3.2.2, with underscores, which people do use. */
  private static final Pattern HOST =
      Pattern.compile(
          "(?<name>[a-z0-9](?:[a-z0-9._-]{0,252})|\\[(?<v6>[0-9a-f:.]{2,45})])(?::(?<port>[0-9]{1,5}))?");

  private static final Pattern PORT = Pattern.compile("[0-9]{1,5}");

  private final Predicate<InetAddress> trusted;

  /**
   * Believes those proxies.
   *
   * @param trusted whether an address is one of them
   */
  public Forwarding(Predicate<InetAddress> trusted) {
    this.trusted = trusted;
  }

  /**
   * Who sent a request, as it is behind all trusted proxies.
   *
   * @param address of the nearest that is not trusted
   * @param host the name, or the address, by which the client called us, lower case, without a
   *     port; empty where it gave none that is valid
   * @param origin scheme, host and port for links; empty where no proxy told, for then relative
   *     links lead back here by whatever name the client came
   */
  record Sender(String address, Optional<String> host, String origin) {}

  /** Whose request this is. */
  Sender sender(HttpServletRequest request) {
    Optional<InetAddress> proxy = address(request.getRemoteAddr()).filter(trusted);
    Optional<Matcher> told =
        proxy.flatMap(p -> last(request, "X-Forwarded-Host")).flatMap(Forwarding::host);
    return new Sender(
        proxy.map(p -> nearestStranger(request, p)).orElseGet(request::getRemoteAddr),
        told.or(() -> host(request.getServerName())).map(host -> host.group("name")),
        told.map(host -> origin(request, host)).orElse(""));
  }

  private String nearestStranger(HttpServletRequest request, InetAddress proxy) {
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

  private static Optional<InetAddress> address(String text) {
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
