package io.entrepot.catalog;

import io.entrepot.database.Session;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/** The statements about the table {@code pin}. */
final class PinTable {
  private PinTable() {}

  static List<PinEntry> all(Session session) throws SQLException {
    return session.list(
        "SELECT pattern, added_at FROM pin ORDER BY pattern",
        row -> new PinEntry(row.getString(1), Instant.ofEpochMilli(row.getLong(2))));
  }

  /** Adds a pin that is not there. */
  static boolean add(Session session, PinEntry pin) throws SQLException {
    boolean isNew =
        session.find("SELECT 1 FROM pin WHERE pattern = ?", row -> true, pin.pattern()).isEmpty();
    if (isNew) {
      session.update(
          "INSERT INTO pin (pattern, added_at) VALUES (?, ?)",
          pin.pattern(),
          pin.addedAt().toEpochMilli());
    }
    return isNew;
  }

  static boolean remove(Session session, String pattern) throws SQLException {
    return session.update("DELETE FROM pin WHERE pattern = ?", pattern) > 0;
  }
}
