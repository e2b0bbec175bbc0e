package io.entrepot.database;

/** The database could not answer. Nothing is known then, which is not absence (F19). */
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

  /**
   * Says what failed, where no other exception tells more.
   *
   * @param message what was attempted, on what, and what happened
   */
  public DatabaseException(String message) {
    super(message);
  }
}
