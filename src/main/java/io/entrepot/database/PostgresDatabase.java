package io.entrepot.database;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.entrepot.threads.NamedThreads;
import java.time.Duration;
import java.util.List;
import java.util.Properties;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Connections to a PostgreSQL that the settings name, in a bounded pool. Its driver is a part of
 * the executable WAR only: the class loader of another server need not have it. Thread-safe.
 */
public final class PostgresDatabase implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(PostgresDatabase.class);

  /** Loaded by its name: its annotations are not there when this class is compiled. */
  private static final String DRIVER = "org.postgresql.Driver";

  /** Lookups, leases, fills that end, and what runs in the background. */
  private static final int CONNECTIONS = 20;

  /** Connections that nobody uses for a while are closed, but for these. */
  private static final int IDLE = 2;

  private static final Duration CONNECT = Duration.ofSeconds(5);

  /** The longest statement is a count of everything. */
  private static final Duration ANSWER = Duration.ofSeconds(60);

  private static final Duration VALIDATION = Duration.ofSeconds(2);
  private static final Duration LAST_MOMENTS = Duration.ofSeconds(5);

  private final NamedThreads threads = new NamedThreads("entrepot-database:pool", Thread::new);
  private final HikariDataSource pool;

  private PostgresDatabase(DataSource server) {
    HikariConfig config = new HikariConfig();
    config.setPoolName("entrepot-database");
    config.setDataSource(server);
    config.setThreadFactory(threads);
    config.setMaximumPoolSize(CONNECTIONS);
    config.setMinimumIdle(IDLE);
    config.setConnectionTimeout(CONNECT.toMillis());
    config.setValidationTimeout(VALIDATION.toMillis());
    config.setInitializationFailTimeout(-1); // the first connection says what is wrong
    pool = new HikariDataSource(config);
  }

  /** Whether there is a driver. */
  public static boolean hasDriver() {
    try {
      Class.forName(DRIVER, false, PostgresDatabase.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }

  /**
   * Opens a pool. Makes no connection yet.
   *
   * @param url its parameters were checked: they can name classes and files (S21)
   * @param username empty for the user of this process
   * @param password empty for none
   */
  public static PostgresDatabase open(String url, String username, String password) {
    Properties server = new Properties();
    if (!username.isEmpty()) {
      server.setProperty("user", username);
    }
    if (!password.isEmpty()) {
      server.setProperty("password", password);
    }
    server.setProperty("ApplicationName", "entrepot");
    server.setProperty("loginTimeout", Long.toString(CONNECT.toSeconds()));
    server.setProperty("connectTimeout", Long.toString(CONNECT.toSeconds()));
    server.setProperty("socketTimeout", Long.toString(ANSWER.toSeconds()));
    server.setProperty("tcpKeepAlive", "true");
    return new PostgresDatabase(new DriverSource(DRIVER, url, server));
  }

  /** Connections from the pool; safe for concurrent use until {@link #close}. */
  public DataSource dataSource() {
    return pool;
  }

  @Override
  public void close() {
    pool.close();
    try {
      List<Thread> left = threads.join(LAST_MOMENTS);
      left.forEach(thread -> log.warn("Thread {} did not end", thread.getName()));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
