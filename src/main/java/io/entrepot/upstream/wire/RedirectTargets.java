package io.entrepot.upstream.wire;

import io.entrepot.oci.Cidr;
import java.net.InetAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The places inside our own network to which an upstream may redirect, and where its token service
 * may be, by the configuration (S35).
 *
 * @param hosts in lower case: {@code minio.example.com} itself, {@code .example.com} for all below
 * @param networks addresses
 * @param advice what to do if a place that is not among them is right
 */
public record RedirectTargets(List<String> hosts, List<Cidr> networks, String advice) {
  private static final String ADVICE = "if it may lead there, name it in proxy.redirects";

  /** None. */
  public static final RedirectTargets NONE = new RedirectTargets(List.of(), List.of());

  public RedirectTargets {
    hosts = List.copyOf(hosts);
    networks = List.copyOf(networks);
  }

  /** Those of an upstream. */
  public RedirectTargets(List<String> hosts, List<Cidr> networks) {
    this(hosts, networks, ADVICE);
  }

  /** None, where another setting than that of upstreams helps. */
  public static RedirectTargets none(String advice) {
    return new RedirectTargets(List.of(), List.of(), advice);
  }

  /** Reads a list of host names, suffixes, addresses and networks. */
  public static RedirectTargets of(List<String> texts) {
    List<String> hosts = new ArrayList<>();
    List<Cidr> networks = new ArrayList<>();
    for (String text : texts) {
      try {
        networks.add(Cidr.parse(text));
      } catch (IllegalArgumentException e) {
        hosts.add(text.toLowerCase(Locale.ROOT));
      }
    }
    return new RedirectTargets(hosts, networks);
  }

  /**
   * Whether an upstream may lead to a place.
   *
   * @param name of its host, in lower case, without a dot at the end
   */
  boolean allow(String name, InetAddress address) {
    return hosts.stream().anyMatch(h -> h.startsWith(".") ? name.endsWith(h) : name.equals(h))
        || networks.stream().anyMatch(network -> network.contains(address));
  }
}
