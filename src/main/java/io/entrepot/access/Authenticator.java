package io.entrepot.access;

import java.util.concurrent.CompletableFuture;

/** A way to log in: finds out whose a user name and a password are. Never blocks. Thread-safe. */
public interface Authenticator {
  /** What a way to log in says of a user name and a password. */
  sealed interface Outcome {
    /** They belong to this principal. */
    record Known(Principal principal) implements Outcome {}

    /** There is no such user. */
    record NoSuchUser() implements Outcome {}

    /** The user exists, and the password is wrong. */
    record Wrong() implements Outcome {}

    /** Too many passwords wait to be checked. */
    record Busy() implements Outcome {}
  }

  /** Whether these were found right a short time ago. Asks only memory. */
  boolean isRemembered(PasswordLogin login);

  /** Checks a user name and a password. The future never fails. */
  CompletableFuture<Outcome> authenticate(PasswordLogin login);

  /** A way to log in that has no users. */
  static Authenticator nobody() {
    return new Authenticator() {
      @Override
      public boolean isRemembered(PasswordLogin login) {
        return false;
      }

      @Override
      public CompletableFuture<Outcome> authenticate(PasswordLogin login) {
        return CompletableFuture.completedFuture(new Outcome.NoSuchUser());
      }
    };
  }
}
