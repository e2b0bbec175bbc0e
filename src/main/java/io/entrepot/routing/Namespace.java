package io.entrepot.routing;

import io.entrepot.upstream.DockerHub;
import java.net.URI;
import java.util.Locale;

/**
 * The registry that a client wants, as it sends it in {@code ns} or {@code OCI-Namespace}: a host
 * with or without a port, or the name of an upstream. Capital letters and a dot at the end of the
 * host mean nothing, and are removed.
 *
 * @param host the host, IPv6 in brackets
 * @param port the port; empty if there is none
 */
public record Namespace(String host, String port) {
  private static final String HTTPS = "443";
  private static final String HTTP = "80";

  /** Reads untrusted text. Text that is no registry is kept: it equals no name of an upstream. */
  public static Namespace of(String text) {
    String lower = text.toLowerCase(Locale.ROOT);
    int colon = lower.lastIndexOf(':');
    boolean hasPort = colon > lower.lastIndexOf(']');
    String host = hasPort ? lower.substring(0, colon) : lower;
    return new Namespace(withoutDot(host), hasPort ? lower.substring(colon + 1) : "");
  }

  /** Removes a dot at the end of a host name, which only says that the name is complete. */
  static String withoutDot(String host) {
    return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
  }

  /**
   * Whether both mean the same registry, whatever upstreams there are: they are equal but for the
   * default port, or are both Docker Hub.
   */
  public boolean isSameAs(Namespace other) {
    return usual().equals(other.usual());
  }

  private Namespace usual() {
    String shortest = port.equals(HTTPS) ? "" : port;
    boolean hub = shortest.isEmpty() && DockerHub.HOSTS.contains(host);
    return new Namespace(hub ? DockerHub.NAME : host, shortest);
  }

  /** Whether this is a host without a port, or with one that may be left out. */
  private boolean hasUsualPort() {
    return port.isEmpty() || port.equals(HTTPS) || port.equals(HTTP);
  }

  /** Whether the first component of a path is this registry itself. */
  boolean isItself(String component) {
    return Names.looksLikeHost(component)
        && hasUsualPort()
        && (component.equals(host)
            || (DockerHub.HOSTS.contains(component) && DockerHub.HOSTS.contains(host)));
  }

  /**
   * Whether the port may be left out for an upstream: it is the default one of the scheme. For a
   * name that is not the host of the upstream's URL, clients use https.
   */
  boolean isDefaultPortOf(URI url) {
    boolean ownHost = host.equals(url.getHost());
    return port.equals("https".equals(url.getScheme()) ? HTTPS : HTTP)
        || (!ownHost && port.equals(HTTPS));
  }

  /** The text form, as names of upstreams have it. */
  String value() {
    return port.isEmpty() ? host : host + ":" + port;
  }
}
