package io.entrepot.database;

import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * A data source that is asked in short transactions, and whose failures say what was attempted.
 * Safe for concurrent use.
 */
public final class Database {
  /** Two clients made the same row at once, or this one was ended to resolve a deadlock. */
  private static final Set<String> AGAIN = Set.of("23505", "40001", "40P01");

  /** Who comes second finds the row of the first at the next attempt; more is a real fault. */
  private static final int ATTEMPTS = 4;

  private final DataSource dataSource;
  private final Duration answer;
  private volatile @Nullable Query failedQuery;

  /** A query that has failed. */
  private record Query(String attempt, Work<?> work) {}

  public Database(DataSource dataSource) {
    this(dataSource, Duration.ZERO);
  }

  private Database(DataSource dataSource, Duration answer) {
    this.dataSource = dataSource;
    this.answer = answer;
  }

  /** The same one, but who waits longer for an answer fails. For PostgreSQL. */
  public Database within(Duration time) {
    return new Database(dataSource, time);
  }

  /**
   * Whether a data source leads to a PostgreSQL, which several nodes can share.
   *
   * @throws DatabaseException when it cannot be asked
   */
  public static boolean isPostgresql(DataSource dataSource) {
    return new Database(dataSource)
        .read("asking which database it is", session -> session.dialect() == Dialect.POSTGRESQL);
  }

  /** Work with a session, which it must not keep. */
  @FunctionalInterface
  public interface Work<T> {
    T in(Session session) throws SQLException;
  }

  /**
   * Reads, each statement by itself.
   *
   * @param attempt what this is for, as in "listing the tags of library/alpine"
   * @throws DatabaseException when the database fails
   */
  public <T> T read(String attempt, Work<T> work) {
    try {
      return readNow(attempt, work);
    } catch (DatabaseException e) {
      failedQuery = new Query(attempt, work);
      throw e;
    }
  }

  /**
   * Why the query that failed last still fails; empty if it does not. This asks what requests ask:
   * a file that is damaged in part still answers other questions (F25).
   */
  public Optional<String> trouble() {
    Query failed = failedQuery;
    if (failed == null) {
      return Optional.empty();
    }
    try {
      var unused = readNow(failed.attempt(), failed.work());
      failedQuery = null;
      return Optional.empty();
    } catch (DatabaseException e) {
      return Optional.of(String.valueOf(e.getMessage()));
    }
  }

  private <T> T readNow(String attempt, Work<T> work) {
    for (int left = ATTEMPTS; ; left--) {
      try (Connection connection = dataSource.getConnection()) {
        return limited(connection, () -> work.in(new Session(connection)));
      } catch (SQLException e) {
        if (left == 1 || !Dialect.wasEnded(e)) {
          throw failed(attempt, e);
        }
      }
    }
  }

  /**
   * Changes in one transaction, which begins anew where another client was faster.
   *
   * @param attempt what this is for, as in "linking library/alpine"
   * @throws DatabaseException when the database fails; whether the change was made is then unknown
   */
  public <T> T write(String attempt, Work<T> work) {
    boolean reopened = false;
    boolean mayBeAnothers = true; // the first time it may be the failure of another's write
    for (int left = ATTEMPTS; ; left--) {
      try (Connection connection = dataSource.getConnection()) {
        return limited(connection, () -> transact(connection, work));
      } catch (SQLException e) {
        if (!reopened && EmbeddedDatabase.takesWritesAgain(dataSource, e)) {
          reopened = true;
          continue;
        }
        boolean again = canBeDoneAgain(e) || (mayBeAnothers && Dialect.wasEnded(e));
        mayBeAnothers = false;
        if (left == 1 || !again) {
          throw failed(attempt, e);
        }
      }
    }
  }

  /** Something done with a connection. */
  private interface Use<T> {
    T run() throws SQLException;
  }

  /** A pool may give the connection to others, so the limit that it had comes back. */
  private <T> T limited(Connection connection, Use<T> use) throws SQLException {
    if (answer.isZero()) {
      return use.run();
    }
    int usual = connection.getNetworkTimeout();
    connection.setNetworkTimeout(Runnable::run, (int) answer.toMillis());
    try {
      return use.run();
    } finally {
      if (!connection.isClosed()) {
        connection.setNetworkTimeout(Runnable::run, usual);
      }
    }
  }

  private static boolean canBeDoneAgain(SQLException e) {
    return Dialect.hadEnded(e) || AGAIN.contains(String.valueOf(e.getSQLState()));
  }

  private <T> T transact(Connection connection, Work<T> work) throws SQLException {
    connection.setAutoCommit(false);
    T result;
    try {
      result = work.in(new Session(connection));
      connection.commit();
      if (dataSource instanceof EmbeddedPool own) {
        own.persist(connection);
      }
    } catch (SQLException | RuntimeException e) {
      undo(connection, e);
      throw e;
    }
    connection.setAutoCommit(true);
    return result;
  }

  /** What fails here is added to the reason, which matters more. */
  private static void undo(Connection connection, Exception reason) {
    try {
      connection.rollback();
      connection.setAutoCommit(true);
    } catch (SQLException e) {
      reason.addSuppressed(e);
    }
  }

  private static DatabaseException failed(String attempt, SQLException e) {
    return new DatabaseException(attempt + " failed: " + e.getMessage(), e);
  }
}
