package io.entrepot.access;

import io.entrepot.oci.Cidr;
import io.entrepot.oci.IpAddress;
import java.util.List;

/** Whom a rule gives something. */
public sealed interface Who {
  /** Whether a client is meant. */
  boolean means(Client client);

  /** Everybody. */
  record Everybody() implements Who {
    @Override
    public boolean means(Client client) {
      return true;
    }
  }

  /** Everybody who has logged in. */
  record Authenticated() implements Who {
    @Override
    public boolean means(Client client) {
      return client.principal() != null;
    }
  }

  /**
   * One user.
   *
   * @param way the way to log in, or empty for any
   */
  record User(String way, String name) implements Who {
    @Override
    public boolean means(Client client) {
      Principal principal = client.principal();
      return principal != null
          && principal.name().equals(name)
          && (way.isEmpty() || principal.way().equals(way));
    }
  }

  /**
   * Everybody in a group.
   *
   * @param way the way to log in that knows the group, or empty for any
   */
  record Group(String way, String name) implements Who {
    @Override
    public boolean means(Client client) {
      Principal principal = client.principal();
      return principal != null
          && principal.groups().contains(name)
          && (way.isEmpty() || principal.way().equals(way));
    }
  }

  /**
   * Everybody whose address is in a network.
   *
   * @param network the network
   * @param proxies the trusted proxies. A request whose address is that of a proxy itself may come
   *     from anybody, so that it is not meant.
   */
  record Address(Cidr network, List<Cidr> proxies) implements Who {
    public Address {
      proxies = List.copyOf(proxies);
    }

    @Override
    public boolean means(Client client) {
      return IpAddress.parse(client.address())
          .filter(network::contains)
          .filter(address -> proxies.stream().noneMatch(proxy -> proxy.contains(address)))
          .isPresent();
    }
  }
}
