package io.entrepot.config;

import static io.entrepot.config.Syntax.require;

import io.entrepot.oci.Cidr;
import io.entrepot.upstream.AddressRange;
import io.entrepot.upstream.wire.RedirectTargets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The syntax of hosts: names, suffixes and networks. All methods throw an {@link
 * IllegalArgumentException} whose message is a hint.
 */
final class HostSyntax {
  private static final Pattern PATTERN = Pattern.compile("\\*|\\.?[a-z0-9_-]+(?:\\.[a-z0-9_-]+)*");

  private HostSyntax() {}

  /** One host, without a wildcard; a dot at its end is taken off. */
  static String host(String text) {
    String host = text.toLowerCase(Locale.ROOT).replaceFirst("\\.$", "");
    require(PATTERN.matcher(host).matches(), "no scheme, no port");
    require(!host.startsWith(".") && !host.equals("*"), "one host, without wildcards");
    return host;
  }

  /** One host, a suffix that begins with a dot, or {@code *}. */
  static String pattern(String text) {
    String host = text.toLowerCase(Locale.ROOT);
    require(PATTERN.matcher(host).matches(), "no scheme, no port, no network mask");
    return host;
  }

  /** One host, a suffix, an address or a network to which an upstream may lead. */
  static String place(String text) {
    String place = text.toLowerCase(Locale.ROOT);
    List<Cidr> networks = RedirectTargets.of(List.of(place)).networks();
    if (networks.isEmpty()) {
      require(PATTERN.matcher(place).matches(), "no scheme, no port");
      require(!place.equals("*"), "no wildcard but a dot in front");
    }
    for (Cidr network : networks) {
      require(
          AddressRange.of(network.network()) != AddressRange.LINK_LOCAL,
          "link-local addresses are never asked");
    }
    return place;
  }
}
