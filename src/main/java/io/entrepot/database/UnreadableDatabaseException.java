package io.entrepot.database;

import java.nio.file.Path;

/**
 * The database's file is damaged or not a database. It is only an index: set aside, it can be
 * rebuilt from the store.
 */
public final class UnreadableDatabaseException extends DatabaseException {
  private static final long serialVersionUID = 1L;
  private final transient Path file;

  UnreadableDatabaseException(Path file, Throwable cause) {
    super("the database " + file + " cannot be read: " + cause.getMessage(), cause);
    this.file = file;
  }

  /** The file that cannot be read. */
  public Path file() {
    return file;
  }
}
