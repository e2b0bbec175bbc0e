package io.entrepot.upstream;

import java.util.function.Supplier;

/**
 * The user name and the password of one client, which decide at an upstream in place of our own. No
 * text form has the password.
 *
 * @param id stands for both in this process: equal for the same user name and password, and for no
 *     others
 * @param username without a colon, and not empty
 * @param password gives the password for one call; it may be encrypted until then
 */
public record ClientCredentials(String id, String username, Supplier<String> password) {
  @Override
  public boolean equals(Object other) {
    return other instanceof ClientCredentials client && client.id.equals(id);
  }

  @Override
  public int hashCode() {
    return id.hashCode();
  }

  @Override
  public String toString() {
    return "ClientCredentials[" + username + ", ***]";
  }
}
