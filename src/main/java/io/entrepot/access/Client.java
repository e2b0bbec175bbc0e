package io.entrepot.access;

import io.entrepot.oci.IpAddress;

/**
 * A client that sends requests.
 *
 * @param address the IP address of the client; behind a trusted proxy, the address that the proxy
 *     reports
 * @param principal the name that the client has proved, or {@link #ANONYMOUS}
 */
public record Client(String address, String principal) {
  /** The principal of a client that has sent no credentials. */
  public static final String ANONYMOUS = "anonymous";

  /**
   * What counts as one client where clients share something: the address. Of an IPv6 address only
   * the first 64 bits count, because one machine can use all addresses that begin with them.
   */
  public String network() {
    return IpAddress.network(address);
  }

  /** Makes a client that has sent no credentials. */
  public static Client anonymous(String address) {
    return new Client(address, ANONYMOUS);
  }
}
