package io.entrepot.upstream.wire;

import io.entrepot.oci.IpAddress;
import io.entrepot.upstream.AddressRange;
import io.entrepot.upstream.Origin;
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
 * redirect or a realm (S35). A host and port that the configuration names may have any address. One
 * that the network names may have a public one, one where the upstream itself is too, or one that
 * {@link RedirectTargets} allow; never a link-local one. The address that is judged is the one that
 * is connected to, so a name whose address changes gains nothing. Thread-safe.
 */
final class GuardedResolver {
  private final DnsResolver resolver;
  private final Origin upstream;
  private final Set<Origin> configured;
  private final RedirectTargets redirects;
  private volatile List<InetAddress> ours = List.of();

  /**
   * @param upstream the upstream's own origin
   * @param configured other places of the configuration: the proxy, trusted realms
   */
  GuardedResolver(
      DnsResolver resolver, Origin upstream, Set<Origin> configured, RedirectTargets redirects) {
    this.resolver = resolver;
    this.upstream = upstream;
    this.configured = Set.copyOf(configured);
    this.redirects = redirects;
    IpAddress.ofHost(upstream.host()).ifPresent(address -> ours = List.of(address));
  }

  /** The addresses of a host to which a connection to this port may be made. */
  InetAddress[] resolve(String host, int port) throws UnknownHostException {
    InetAddress[] found = resolver.resolve(host);
    if (upstream.isAt(host, port)) {
      ours = List.of(found);
      return found;
    }
    if (isConfigured(host, port)) {
      return found;
    }
    String name = Origin.bare(host);
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
  void checkUnresolved(String host, int port) throws ForbiddenAddressException {
    String name = Origin.bare(host);
    boolean here = name.equals("localhost") || name.endsWith(".localhost");
    Optional<InetAddress> address =
        here ? Optional.of(InetAddress.getLoopbackAddress()) : IpAddress.ofHost(host);
    if (!upstream.isAt(host, port)
        && !isConfigured(host, port)
        && address.isPresent()
        && !isAllowed(name, address.get())) {
      throw forbidden(host, address.get());
    }
  }

  private boolean isConfigured(String host, int port) {
    return configured.stream().anyMatch(place -> place.isAt(host, port));
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

  private ForbiddenAddressException forbidden(String host, InetAddress address) {
    AddressRange range = AddressRange.of(address);
    String where = range.name().toLowerCase(Locale.ROOT).replace('_', '-');
    boolean never = range == AddressRange.LINK_LOCAL || range == AddressRange.NOBODY;
    return new ForbiddenAddressException(
        host
            + " has the "
            + where
            + " address "
            + address.getHostAddress()
            + ", where "
            + upstream.host()
            + " is not"
            + (never ? "" : "; " + redirects.advice()));
  }
}
