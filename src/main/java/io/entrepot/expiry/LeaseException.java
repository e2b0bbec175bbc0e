package io.entrepot.expiry;

import io.entrepot.catalog.CatalogException;

/** A lease could not be read or written: the database that has the catalog has the leases too. */
public final class LeaseException extends CatalogException {
  private static final long serialVersionUID = 1L;

  LeaseException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
