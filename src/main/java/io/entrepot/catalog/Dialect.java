package io.entrepot.catalog;

import java.sql.Connection;
import java.sql.SQLException;

/** The databases that are known to work, and the little in which they differ. */
public enum Dialect {
  H2(""),
  POSTGRESQL("COLLATE \"C\"");

  /** H2's word for a database that another's failed write has ended. */
  private static final String ENDED = "90098";

  private final String bytewiseCollation;

  Dialect(String bytewiseCollation) {
    this.bytewiseCollation = bytewiseCollation;
  }

  /**
   * Asks the database what it is.
   *
   * @throws CatalogException where it is neither
   */
  public static Dialect of(Connection connection) throws SQLException {
    String product = connection.getMetaData().getDatabaseProductName();
    return switch (product) {
      case "H2" -> H2;
      case "PostgreSQL" -> POSTGRESQL;
      default ->
          throw new CatalogException(
              "the database is " + product + "; only H2 and PostgreSQL are supported");
    };
  }

  /**
   * Whether what failed had not begun when another's failed write ended the database. A new
   * connection opens it again, so that the work can be done.
   */
  public static boolean hadEnded(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof SQLException e && ENDED.equals(e.getSQLState())) {
        return true;
      }
    }
    return false;
  }

  /** What follows a text column's type so that its order is that of its bytes. */
  String bytewiseCollation() {
    return bytewiseCollation;
  }
}
