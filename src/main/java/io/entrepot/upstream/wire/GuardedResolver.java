package io.entrepot.upstream.wire;

import io.entrepot.oci.IpAddress;
import io.entrepot.upstream.AddressRange;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.hc.client5.http.DnsResolver;

/**
 * Resolves the hosts of an upstream, and keeps it from sending us into our own network by a
 * redirect or a realm (S35). A host that the configuration names may have any address. A host that
 * the network names may have a public one, one where the upstream itself is too, or one that {@link
 * RedirectTargets} allow; never a link-local one. The address that is judged is the one that is
 * connected to, so a name whose address changes gains nothing. Thread-safe.
 */
final class GuardedResolver implements DnsResolver {
  private final DnsResolver resolver;
  private final String upstream;
  private final Set<String> configured;
  private final RedirectTargets redirects;
  private volatile List<InetAddress> ours = List.of();

  /**
   * @param upstream the upstream's own host
   * @param configured other hosts of the configuration: the proxy, trusted realms
   */
  GuardedResolver(
      DnsResolver resolver, String upstream, Set<String> configured, RedirectTargets redirects) {
    this.resolver = resolver;
    this.upstream = bare(upstream);
    this.configured = Set.copyOf(configured.stream().map(GuardedResolver::bare).toList());
    this.redirects = redirects;
    IpAddress.ofHost(upstream).ifPresent(address -> ours = List.of(address));
  }

  @Override
  public InetAddress[] resolve(String host) throws UnknownHostException {
    InetAddress[] found = resolver.resolve(host);
    String name = bare(host);
    if (name.equals(upstream)) {
      ours = List.of(found);
      return found;
    }
    if (configured.contains(name)) {
      return found;
    }
    InetAddress[] allowed =
        Arrays.stream(found)
            .filter(address -> isAllowed(name, address))
            .toArray(InetAddress[]::new);
    if (allowed.length == 0 && found.length > 0) {
      throw forbidden(host, found[0]);
    }
    return allowed;
  }

  /**
   * Checks a host that a proxy resolves for us. Only an address in the URL itself can be judged.
   *
   * @throws ForbiddenAddressException where the upstream may not send us there
   */
  void checkUnresolved(String host) throws ForbiddenAddressException {
    String name = bare(host);
    boolean here = name.equals("localhost") || name.endsWith(".localhost");
    Optional<InetAddress> address =
        here ? Optional.of(InetAddress.getLoopbackAddress()) : IpAddress.ofHost(host);
    if (!name.equals(upstream)
        && !configured.contains(name)
        && address.isPresent()
        && !isAllowed(name, address.get())) {
      throw forbidden(host, address.get());
    }
  }

  private boolean isAllowed(String name, InetAddress address) {
    AddressRange range = AddressRange.of(address);
    return switch (range) {
      case PUBLIC -> true;
      case LINK_LOCAL, NOBODY -> false;
      case PRIVATE, LOOPBACK ->
          ours.stream().anyMatch(own -> AddressRange.of(own) == range)
              || redirects.allow(name, address);
      case METADATA -> ours.contains(address) || redirects.allow(name, address);
    };
  }

  private static ForbiddenAddressException forbidden(String host, InetAddress address) {
    AddressRange range = AddressRange.of(address);
    String where = range.name().toLowerCase(Locale.ROOT).replace('_', '-');
    boolean never = range == AddressRange.LINK_LOCAL || range == AddressRange.NOBODY;
    return new ForbiddenAddressException(
        host
            + " has the "
            + where
            + " address "
            + address.getHostAddress()
            + ", where the upstream is not"
            + (never ? "" : "; if it may lead there, name it in proxy.redirects"));
  }

  private static String bare(String host) {
    return ServerTrust.bare(host).replaceFirst("\\.$", "");
  }

  @Override
  public String resolveCanonicalHostname(String host) throws UnknownHostException {
    return resolver.resolveCanonicalHostname(host);
  }
}
