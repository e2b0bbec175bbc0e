package io.entrepot.expiry;

/** A lease could not be read or written. */
public final class LeaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LeaseException(String message, Throwable cause) {
    super(message + ": " + cause.getMessage(), cause);
  }
}
