package io.entrepot.catalog;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The connections of our own H2 database, which writes what is committed within half a second, and
 * at once where it is told. Thread-safe.
 */
final class EmbeddedPool extends HikariDataSource {
  EmbeddedPool(HikariConfig config) {
    super(config);
  }

  /**
   * Returns when all that has been committed, by whomever, has been given to the system, so that no
   * end of the process takes it away. Those who call at the same time share one write.
   */
  void persist(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CHECKPOINT");
    }
  }
}
