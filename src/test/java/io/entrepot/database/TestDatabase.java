package io.entrepot.database;

import com.zaxxer.hikari.HikariDataSource;
import io.entrepot.fixture.Postgres;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/**
 * A database of a test's own, that finds its tables again when it is opened anew for the same
 * folder: H2 in the folder, or a PostgreSQL that remembers its URL there where the system property
 * {@code entrepot.test.database} is {@code postgresql}.
 */
public final class TestDatabase implements AutoCloseable {
  private static final boolean POSTGRESQL =
      System.getProperty("entrepot.test.database", "h2").equals("postgresql");

  private final DataSource dataSource;
  private final Runnable closing;

  private TestDatabase(DataSource dataSource, Runnable closing) {
    this.dataSource = dataSource;
    this.closing = closing;
  }

  public static TestDatabase open(Path folder) throws IOException, SQLException {
    if (!POSTGRESQL) {
      EmbeddedDatabase database = EmbeddedDatabase.open(folder);
      return new TestDatabase(database.dataSource(), database::close);
    }
    Path url = folder.resolve("database.url");
    if (!Files.exists(url)) {
      Files.writeString(url, Postgres.newDatabase());
    }
    HikariDataSource pool = new HikariDataSource();
    pool.setJdbcUrl(Files.readString(url));
    pool.setMaximumPoolSize(8);
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
