package io.entrepot.access;

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

  /** Makes a client that has sent no credentials. */
  public static Client anonymous(String address) {
    return new Client(address, ANONYMOUS);
  }
}
