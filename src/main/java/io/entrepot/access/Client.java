package io.entrepot.access;

import io.entrepot.oci.IpAddress;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A client that sends requests.
 *
 * @param address the IP address of the client; behind a trusted proxy, the address that the proxy
 *     reports
 * @param principal who has logged in, or null for an anonymous client
 * @param scopes what its token is for, or null if it has sent no token. A token can only narrow
 *     what the rules give.
 */
public record Client(
    String address, @Nullable Principal principal, @Nullable Set<TokenScope> scopes) {
  /**
   * What counts as one client where clients share something: the address. Of an IPv6 address only
   * the first 64 bits count, because one machine can use all addresses that begin with them.
   */
  public String network() {
    return IpAddress.network(address);
  }

  /** Whether its token, if it has sent one, is for this. */
  public boolean isWithin(TokenScope wanted) {
    return scopes == null || scopes.contains(wanted);
  }

  /** The principal for logs: {@code htpasswd:alice} or {@code anonymous}. */
  public String who() {
    return principal == null ? "anonymous" : principal.toString();
  }

  /** Makes a client that has sent no credentials. */
  public static Client anonymous(String address) {
    return new Client(address, null, null);
  }
}
