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
 * @param scopes what its token is for, or null if it has sent none that is for something. A token
 *     can only narrow what the rules give.
 * @param given what the token of somebody else's token service gives, by the names in this cache.
 *     Rules then give nothing. Null for all other clients.
 * @param login the user name and password for one upstream that it has sent, or null. Whether they
 *     are right is not known.
 */
public record Client(
    String address,
    @Nullable Principal principal,
    @Nullable Set<TokenScope> scopes,
    @Nullable Set<TokenScope> given,
    @Nullable UpstreamLogin login) {
  /** A client whose rights the rules give. */
  public Client(String address, @Nullable Principal principal, @Nullable Set<TokenScope> scopes) {
    this(address, principal, scopes, null, null);
  }

  /** The same client with a user name and a password for one upstream. */
  public Client with(UpstreamLogin sent) {
    return new Client(address, principal, scopes, given, sent);
  }

  /** Whether it has sent no user name and password, and no token that somebody had for some. */
  public boolean isAnonymous() {
    return principal == null && login == null;
  }

  /**
   * What counts as one client where clients share something: the address. Of an IPv6 address only
   * the first 64 bits count, because one machine can use all addresses that begin with them.
   */
  public String network() {
    return IpAddress.network(address);
  }

  /**
   * Whether its token, if it has sent one, is for this, by the name that the client has written.
   */
  public boolean isWithin(TokenScope wanted) {
    return given != null || scopes == null || scopes.contains(wanted);
  }

  /**
   * The principal for logs: {@code htpasswd:alice}, {@code ghcr.io:alice} as whom it would log in
   * there, or {@code anonymous}.
   */
  public String who() {
    return principal != null
        ? principal.toString()
        : login != null ? login.toString() : "anonymous";
  }

  /** Makes a client that has sent no credentials. */
  public static Client anonymous(String address) {
    return new Client(address, null, null);
  }
}
