package io.entrepot.upstream;

import io.entrepot.oci.IpAddress;
import java.net.URI;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * Scheme, host and port: the unit of trust on the web (RFC 6454, 4).
 *
 * @param scheme {@code http} or {@code https}
 * @param host lowercase
 * @param port 0 to 65535; the default one of the scheme where the URI has none
 */
public record Origin(String scheme, String host, int port) {
  private static final Set<String> LOOPBACK_NAMES = Set.of("localhost", "localhost.");

  /** The origin of a URI; empty for other schemes, without a host, or with a user in it. */
  public static Optional<Origin> of(URI uri) {
    String scheme = uri.getScheme() == null ? "" : uri.getScheme().toLowerCase(Locale.ROOT);
    boolean tls = scheme.equals("https");
    if ((!tls && !scheme.equals("http"))
        || uri.getHost() == null
        || uri.getRawUserInfo() != null
        || uri.getPort() > 0xffff) {
      return Optional.empty();
    }
    int port = uri.getPort() >= 0 ? uri.getPort() : defaultPort(tls);
    return Optional.of(new Origin(scheme, uri.getHost().toLowerCase(Locale.ROOT), port));
  }

  /** Whether a URI has this origin. */
  public boolean contains(URI uri) {
    return of(uri).filter(this::equals).isPresent();
  }

  /**
   * Whether a connection to this host and port leads here. An IPv6 address may come without
   * brackets, as sockets have it, and a name with the dot at its end.
   */
  public boolean isAt(String otherHost, int otherPort) {
    return port == otherPort && bare(host).equals(bare(otherHost));
  }

  /** The form of a host in which it is compared: lower case, without brackets and last dot. */
  public static String bare(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    if (lower.startsWith("[") && lower.endsWith("]")) {
      return lower.substring(1, lower.length() - 1);
    }
    return lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
  }

  public boolean isHttps() {
    return scheme.equals("https");
  }

  private static int defaultPort(boolean tls) {
    return tls ? 443 : 80;
  }

  /** Host and port; without the port where it is the default one of the scheme. */
  public String authority() {
    return port == defaultPort(isHttps()) ? host : host + ":" + port;
  }

  /** Whether this is our own machine, by address or as {@code localhost}. */
  public boolean isLoopback() {
    return LOOPBACK_NAMES.contains(host)
        || IpAddress.ofHost(host)
            .filter(address -> AddressRange.of(address) == AddressRange.LOOPBACK)
            .isPresent();
  }

  /** Whether a secret can be sent there: nobody on the way can read it. */
  public boolean isConfidential() {
    return isHttps() || isLoopback();
  }

  @Override
  public String toString() {
    return scheme + "://" + host + ":" + port;
  }
}
