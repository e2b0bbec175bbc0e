package io.entrepot.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.Statement;
import java.util.function.Consumer;
import javax.sql.DataSource;
import org.h2.api.ErrorCode;

/**
 * The connections of our own H2 database. It writes what is committed within half a second, and at
 * once where {@link #persist} is called. Thread-safe.
 */
final class EmbeddedPool extends HikariDataSource {
  private final EndedConnections ended;
  private final EmbeddedFile file;

  EmbeddedPool(HikariConfig config, EndedConnections ended, EmbeddedFile file) {
    super(config);
    this.ended = ended;
    this.file = file;
    ended.of(getHikariPoolMXBean());
  }

  EmbeddedFile file() {
    return file;
  }

  /** Fails at once while the file cannot be opened: nobody waits for that (F27). */
  @Override
  public Connection getConnection() throws SQLException {
    SQLException refusal = file.refusal();
    if (refusal != null && !file.opensAgain()) {
      throw new SQLTransientConnectionException("its file cannot be opened", refusal);
    }
    return super.getConnection();
  }

  /** Makes a damaged file anew. The connections to the old one are of no use any more. */
  void renew(Consumer<DataSource> tables) throws SQLException, IOException {
    file.renew(tables);
    getHikariPoolMXBean().softEvictConnections();
  }

  /** Whether a change that failed may be tried again, since the disk takes writes again. */
  boolean takesWritesAgain(Throwable failure) {
    return Dialect.causes(failure).anyMatch(EmbeddedPool::isReadOnly) && file.reopenForWriting();
  }

  private static boolean isReadOnly(Throwable cause) {
    return cause instanceof SQLException e && e.getErrorCode() == ErrorCode.DATABASE_IS_READ_ONLY;
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
