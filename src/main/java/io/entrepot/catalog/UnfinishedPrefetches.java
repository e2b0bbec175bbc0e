package io.entrepot.catalog;

import io.entrepot.database.Database;
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

  /** Those of a node, the oldest first. */
  public List<PrefetchEntry> of(String node) {
    return database.read(
        "listing the prefetches",
        session ->
            session.list(
                "SELECT id, reference, platforms, referrers, node, created_at FROM prefetch"
                    + " WHERE node = ? ORDER BY id",
                UnfinishedPrefetches::entry,
                node));
  }

  private static PrefetchEntry entry(ResultSet row) throws SQLException {
    String platforms = row.getString(3);
    return new PrefetchEntry(
        row.getLong(1),
        row.getString(2),
        platforms.isEmpty() ? List.of() : List.of(platforms.split(",")),
        row.getBoolean(4),
        row.getString(5),
        Instant.ofEpochMilli(row.getLong(6)));
  }

  /** Adds one that begins. */
  public void add(PrefetchEntry entry) {
    database.write(
        "noting the prefetch " + entry.id(),
        session ->
            session.update(
                "INSERT INTO prefetch (id, reference, platforms, referrers, node, created_at)"
                    + " VALUES (?, ?, ?, ?, ?, ?)",
                entry.id(),
                entry.reference(),
                String.join(",", entry.platforms()),
                entry.referrers(),
                entry.node(),
                entry.created().toEpochMilli()));
  }

  /** Removes one of a node that is over. */
  public void remove(String node, long id) {
    database.write(
        "forgetting the prefetch " + id,
        session -> session.update("DELETE FROM prefetch WHERE node = ? AND id = ?", node, id));
  }
}
