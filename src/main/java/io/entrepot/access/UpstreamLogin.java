package io.entrepot.access;

import java.util.function.Supplier;

/**
 * A user name and a password that a client has sent for one upstream. Only that upstream can say
 * whether they are right.
 *
 * @param upstream the name of the upstream; they go to no other one
 * @param user the user name
 * @param id stands for both in this process, see {@link PasswordDigest}
 * @param sealed both, encrypted
 * @param password decrypts the password
 */
public record UpstreamLogin(
    String upstream, String user, String id, String sealed, Supplier<String> password) {
  /** As in logs: {@code ghcr.io:alice}. */
  @Override
  public String toString() {
    return upstream + ":" + user;
  }
}
