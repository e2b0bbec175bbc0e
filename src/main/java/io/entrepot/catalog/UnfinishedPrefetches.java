package io.entrepot.catalog;

import io.entrepot.database.Database;
import io.entrepot.database.Session;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;

/**
 * The part of the catalog that has the images which people want to be fetched and which are not
 * fetched yet, so that a restart goes on with them. Safe for concurrent use. All methods ask the
 * database, and throw {@link io.entrepot.database.DatabaseException} when it fails.
 */
public final class UnfinishedPrefetches {
  private final Database database;

  UnfinishedPrefetches(Database database) {
    this.database = database;
  }

  /** All of them, the oldest first. */
  public List<PrefetchEntry> all() {
    return database.read("listing the prefetches", UnfinishedPrefetches::all);
  }

  private static List<PrefetchEntry> all(Session session) throws SQLException {
    return session.list(
        "SELECT id, reference, platforms, referrers, created_at FROM prefetch ORDER BY id",
        UnfinishedPrefetches::entry);
  }

  private static PrefetchEntry entry(ResultSet row) throws SQLException {
    String platforms = row.getString(3);
    return new PrefetchEntry(
        row.getLong(1),
        row.getString(2),
        platforms.isEmpty() ? List.of() : List.of(platforms.split(",")),
        row.getBoolean(4),
        Instant.ofEpochMilli(row.getLong(5)));
  }

  /** Adds one that begins. */
  public void add(PrefetchEntry entry) {
    database.write(
        "noting the prefetch " + entry.id(),
        session ->
            session.update(
                "INSERT INTO prefetch (id, reference, platforms, referrers, created_at)"
                    + " VALUES (?, ?, ?, ?, ?)",
                entry.id(),
                entry.reference(),
                String.join(",", entry.platforms()),
                entry.referrers(),
                entry.created().toEpochMilli()));
  }

  /** Removes one that is over. */
  public void remove(long id) {
    database.write(
        "forgetting the prefetch " + id,
        session -> session.update("DELETE FROM prefetch WHERE id = ?", id));
  }
}
