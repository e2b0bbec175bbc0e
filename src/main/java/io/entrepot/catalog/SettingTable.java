package io.entrepot.catalog;

import io.entrepot.database.Session;
import java.sql.SQLException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements about the table {@code setting}. */
final class SettingTable {
  private SettingTable() {}

  static Optional<String> find(Session session, String name) throws SQLException {
    return session.find(
        "SELECT content FROM setting WHERE name = ?", row -> row.getString(1), name);
  }

  /** As {@link #find}; the row stays locked until the transaction ends. */
  static Optional<String> lock(Session session, String name) throws SQLException {
    return session.find(
        "SELECT content FROM setting WHERE name = ? FOR UPDATE", row -> row.getString(1), name);
  }

  /**
   * Replaces the text of a name.
   *
   * @param value null deletes it
   * @return how many rows the name has now
   */
  static int put(Session session, String name, @Nullable String value) throws SQLException {
    session.update("DELETE FROM setting WHERE name = ?", name);
    return value == null
        ? 0
        : session.update("INSERT INTO setting (name, content) VALUES (?, ?)", name, value);
  }
}
