package io.entrepot.expiry;

import io.entrepot.database.DatabaseException;

/** A lease could not be read or written: the database that has the catalog has the leases too. */
public final class LeaseException extends DatabaseException {
  private static final long serialVersionUID = 1L;

  LeaseException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
