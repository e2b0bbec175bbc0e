package io.entrepot.access;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;

/**
 * A way to log in: finds out whose a user name and a password are. It does not block, but for the
 * realm of the server. Thread-safe.
 */
public interface Authenticator {
  /** What a way to log in says of a user name and a password. */
  sealed interface Outcome {
    /** They belong to this principal. */
    record Known(Principal principal) implements Outcome {}

    /** There is no such user. */
    record NoSuchUser() implements Outcome {}

    /** The user exists, and the password is wrong. */
    record Wrong() implements Outcome {}

    /** Too many passwords of this user were wrong, so that this one was not checked. */
    record TooMany(Duration retryAfter) implements Outcome {}

    /** Too many passwords wait to be checked. */
    record Busy() implements Outcome {}

    /** What knows the users does not answer. Nobody knows whether the password is right. */
    record Unavailable() implements Outcome {}
  }

  /**
   * Whether the user may be one of this way. Asks only memory. If not, the next way is asked
   * instead, and no password is checked here.
   */
  default boolean mayKnow(PasswordLogin login) {
    return true;
  }

  /** Whether these were found right a short time ago. Asks only memory. */
  boolean isRemembered(PasswordLogin login);

  /**
   * Checks a user name and a password. The future never fails.
   *
   * @param realm may be used on this thread only, until this returns
   */
  CompletableFuture<Outcome> authenticate(PasswordLogin login, ServerRealm realm);
}
