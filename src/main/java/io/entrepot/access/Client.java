package io.entrepot.access;

/**
 * Who makes a request.
 *
 * @param address the IP address it comes from, that of a trusted proxy's client included
 * @param principal the name it has proved, or {@link #ANONYMOUS}
 */
public record Client(String address, String principal) {
  /** The principal of those who have proved nothing. */
  public static final String ANONYMOUS = "anonymous";

  /** Somebody who has proved nothing. */
  public static Client anonymous(String address) {
    return new Client(address, ANONYMOUS);
  }
}
