package io.entrepot.catalog;

import com.zaxxer.hikari.HikariDataSource;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * A database of a test's own, that finds its tables again when it is opened anew for the same
 * folder: H2 in the folder, or a schema named after it in the database that the system property
 * {@code entrepot.test.database} gives as a JDBC URL.
 */
public final class TestDatabase implements AutoCloseable {
  private static final String URL = System.getProperty("entrepot.test.database", "");

  private final DataSource dataSource;
  private final Runnable closing;

  private TestDatabase(DataSource dataSource, Runnable closing) {
    this.dataSource = dataSource;
    this.closing = closing;
  }

  public static TestDatabase open(Path folder) throws SQLException {
    if (URL.isEmpty()) {
      EmbeddedDatabase database = EmbeddedDatabase.open(folder);
      return new TestDatabase(database.dataSource(), database::close);
    }
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(URL);
    pool.setMaximumPoolSize(8);
    String schema = "t" + Integer.toHexString(folder.hashCode());
    pool.setConnectionInitSql(
        "CREATE SCHEMA IF NOT EXISTS " + schema + "; SET search_path TO " + schema);
    return new TestDatabase(pool, pool::close);
  }

  public DataSource dataSource() {
    return dataSource;
  }

  /** Does something that the program never would. */
  public void execute(String sql) throws SQLException {
    try (Connection connection = dataSource.getConnection();
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  @Override
  public void close() {
    closing.run();
  }
}
