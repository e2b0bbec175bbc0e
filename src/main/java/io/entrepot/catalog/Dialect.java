package io.entrepot.catalog;

import java.sql.Connection;
import java.sql.SQLException;

/** The databases that are known to work, and the little in which they differ. */
public enum Dialect {
  H2(""),
  POSTGRESQL("COLLATE \"C\"");

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

  /** What follows a text column's type so that its order is that of its bytes. */
  String bytewiseCollation() {
    return bytewiseCollation;
  }
}
