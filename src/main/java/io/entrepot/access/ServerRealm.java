package io.entrepot.access;

import java.util.Optional;
import java.util.Set;

/**
 * The realm of the server, as one request reaches it. It may be used only on the thread on which
 * the server handles the request, and may block.
 */
public interface ServerRealm {
  /**
   * Checks a user name and a password, and leaves nobody logged in.
   *
   * @param asked the groups to ask for
   * @return those of them that the user is in; empty if the user name or the password is wrong
   */
  Optional<Set<String>> groups(PasswordLogin login, Set<String> asked);
}
