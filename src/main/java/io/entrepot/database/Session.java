package io.entrepot.database;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A connection while one thread uses it. Arguments of statements are strings, numbers or null. Not
 * thread-safe.
 */
public final class Session {
  /** Any number that no other program takes. */
  private static final long MIGRATION = 0x656e747265706f74L;

  private final Connection connection;

  Session(Connection connection) {
    this.connection = connection;
  }

  /** Makes a value of a row. */
  @FunctionalInterface
  public interface Row<T> {
    T read(ResultSet row) throws SQLException;
  }

  Dialect dialect() throws SQLException {
    return Dialect.of(connection);
  }

  /** Waits until no other node of a cluster migrates; the end of the transaction lets it. */
  void migrateAlone() throws SQLException {
    if (dialect() == Dialect.POSTGRESQL) {
      define("SELECT pg_advisory_xact_lock(" + MIGRATION + ")");
    }
  }

  void define(String sql) throws SQLException {
    try (Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /**
   * Changes rows.
   *
   * @return how many
   */
  public int update(String sql, @Nullable Object... arguments) throws SQLException {
    try (PreparedStatement statement = prepare(sql, arguments)) {
      return statement.executeUpdate();
    }
  }

  /** Makes the same change with each set of arguments. */
  public void updateAll(String sql, List<Object[]> batch) throws SQLException {
    if (batch.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      for (Object[] arguments : batch) {
        bind(statement, arguments);
        statement.addBatch();
      }
      statement.executeBatch();
    }
  }

  /** Asks for rows. */
  public <T> List<T> list(String sql, Row<T> row, @Nullable Object... arguments)
      throws SQLException {
    try (PreparedStatement statement = prepare(sql, arguments);
        ResultSet rows = statement.executeQuery()) {
      List<T> list = new ArrayList<>();
      while (rows.next()) {
        list.add(row.read(rows));
      }
      return list;
    }
  }

  /** Asks for the first row. */
  public <T> Optional<T> find(String sql, Row<T> row, @Nullable Object... arguments)
      throws SQLException {
    return list(sql, row, arguments).stream().findFirst();
  }

  private PreparedStatement prepare(String sql, @Nullable Object[] arguments) throws SQLException {
    PreparedStatement statement = connection.prepareStatement(sql);
    try {
      bind(statement, arguments);
      return statement;
    } catch (SQLException e) {
      statement.close();
      throw e;
    }
  }

  private static void bind(PreparedStatement statement, @Nullable Object[] arguments)
      throws SQLException {
    for (int i = 0; i < arguments.length; i++) {
      statement.setObject(i + 1, arguments[i]);
    }
  }
}
