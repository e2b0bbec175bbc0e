package io.entrepot.expiry;

import io.entrepot.database.DatabaseException;

/** Leases could not be read or written, since the database failed. */
public final class LeaseException extends DatabaseException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what failed.
   *
   * @param message what was attempted, without its end
   * @param cause what the database said, whose message is added
   */
  public LeaseException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
