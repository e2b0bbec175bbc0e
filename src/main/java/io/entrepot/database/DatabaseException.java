package io.entrepot.database;

/** The database could not answer: nothing is known, which is not the same as absent (F19). */
public class DatabaseException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Says what failed.
   *
   * @param message what was attempted, on what, and what happened
   * @param cause what the database said
   */
  public DatabaseException(String message, Throwable cause) {
    super(message, cause);
  }

  /** As above, where no other exception tells more. */
  public DatabaseException(String message) {
    super(message);
  }
}
