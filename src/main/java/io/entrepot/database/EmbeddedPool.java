package io.entrepot.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * The connections of our own H2 database. It writes what is committed within half a second, and at
 * once where {@link #persist} is called. Thread-safe.
 */
final class EmbeddedPool extends HikariDataSource {
  private final EndedConnections ended;

  EmbeddedPool(HikariConfig config, EndedConnections ended) {
    super(config);
    this.ended = ended;
    ended.of(getHikariPoolMXBean());
  }

  /** Rises whenever a failed write has taken away what was committed in the half second before. */
  long losses() {
    return ended.found();
  }

  /**
   * Returns when all that anybody has committed was given to the system. From then on the end of
   * the process does not take it away. Those who call at the same time share one write.
   */
  void persist(Connection connection) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute("CHECKPOINT");
    }
  }
}
