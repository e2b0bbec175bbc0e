package io.entrepot.catalog;

import io.entrepot.database.Session;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements about the table {@code link}. */
final class LinkTable {
  private static final String SELECT =
      """
      SELECT l.repository, l.digest, l.kind, b.size, b.media_type, l.fetched_at, l.last_used,
        b.verified_at
      FROM link l JOIN blob b ON b.digest = l.digest
      """;

  /** How many digests go in one transaction. */
  private static final int MAX_PARTS = 1_000;

  private LinkTable() {}

  static Optional<Link> find(Session session, LinkKey key) throws SQLException {
    return session.find(
        SELECT + "WHERE l.repository = ? AND l.digest = ? AND l.kind = ?",
        LinkTable::read,
        key.repository().value(),
        key.digest().toString(),
        key.kind().name());
  }

  static List<Link> of(Session session, Digest digest) throws SQLException {
    return session.list(
        SELECT + "WHERE l.digest = ? ORDER BY l.repository, l.kind",
        LinkTable::read,
        digest.toString());
  }

  static boolean exists(Session session, Digest digest) throws SQLException {
    return session
        .find("SELECT 1 FROM link WHERE digest = ? LIMIT 1", row -> true, digest.toString())
        .isPresent();
  }

  /** Whether one of some repositories has a link to a digest. */
  static boolean exists(Session session, Digest digest, RepositoryRange range) throws SQLException {
    return session
        .find(
            "SELECT 1 FROM link WHERE digest = ? AND repository >= ? AND repository < ? LIMIT 1",
            row -> true,
            digest.toString(),
            range.from(),
            range.to())
        .isPresent();
  }

  /** Some of what a repository has, each digest once. */
  static List<Removal.Part> partsOf(Session session, RepositoryName repository)
      throws SQLException {
    return session.list(
        """
        SELECT DISTINCT l.digest, b.size,
          EXISTS (SELECT 1 FROM link o WHERE o.digest = l.digest AND o.repository <> l.repository)
        FROM link l JOIN blob b ON b.digest = l.digest
        WHERE l.repository = ? LIMIT ?
        """,
        row -> new Removal.Part(Digest.of(row.getString(1)), row.getLong(2), !row.getBoolean(3)),
        repository.value(),
        MAX_PARTS);
  }

  /** Whether another repository than these has a link to a digest. */
  static boolean existsElsewhere(Session session, Digest digest, RepositoryRange range)
      throws SQLException {
    return session
        .find(
            "SELECT 1 FROM link WHERE digest = ? AND (repository < ? OR repository >= ?) LIMIT 1",
            row -> true,
            digest.toString(),
            range.from(),
            range.to())
        .isPresent();
  }

  /** How many bytes some repositories have. What two of them have counts once. */
  static long bytes(Session session, RepositoryRange range) throws SQLException {
    return session
        .find(
            """
            SELECT COALESCE(SUM(b.size), 0) FROM (
              SELECT DISTINCT digest FROM link WHERE repository >= ? AND repository < ?) held
            JOIN blob b ON b.digest = held.digest
            """,
            row -> row.getLong(1),
            range.from(),
            range.to())
        .orElse(0L);
  }

  /**
   * Deletes the links to a digest.
   *
   * @param range whose; null for those of all
   */
  static void deleteAll(Session session, Digest digest, @Nullable RepositoryRange range)
      throws SQLException {
    if (range == null) {
      session.update("DELETE FROM link WHERE digest = ?", digest.toString());
    } else {
      session.update(
          "DELETE FROM link WHERE digest = ? AND repository >= ? AND repository < ?",
          digest.toString(),
          range.from(),
          range.to());
    }
  }

  /**
   * Makes or renews a link to a blob whose row is locked.
   *
   * @return the link as it is now
   */
  static Link put(Session session, LinkKey key, long now) throws SQLException {
    Object repository = key.repository().value();
    Object digest = key.digest().toString();
    Object kind = key.kind().name();
    int renewed =
        session.update(
            """
            UPDATE link SET fetched_at = ?, last_used = ?
            WHERE repository = ? AND digest = ? AND kind = ?
            """,
            now,
            now,
            repository,
            digest,
            kind);
    if (renewed == 0) {
      session.update(
          "INSERT INTO link (repository, digest, kind, fetched_at, last_used) VALUES (?,?,?,?,?)",
          repository,
          digest,
          kind,
          now,
          now);
    }
    return find(session, key).orElseThrow();
  }

  /**
   * Deletes a link that is still as it was read.
   *
   * @return whether it was
   */
  static boolean delete(Session session, Link link) throws SQLException {
    return session.update(
            """
            DELETE FROM link
            WHERE repository = ? AND digest = ? AND kind = ? AND fetched_at = ? AND last_used = ?
            """,
            link.repository().value(),
            link.digest().toString(),
            link.kind().name(),
            link.fetchedAt().toEpochMilli(),
            link.lastUsed().toEpochMilli())
        == 1;
  }

  /** The repositories with a link whose names begin with {@code prefix}, in ASCII order. */
  static List<RepositoryName> repositories(Session session, String prefix, String after, int max)
      throws SQLException {
    return session.list(
        """
        SELECT DISTINCT repository FROM link
        WHERE repository > ? AND repository < ? ORDER BY repository LIMIT ?
        """,
        row -> RepositoryName.of(row.getString(1)),
        after.compareTo(prefix) < 0 ? prefix : after,
        // The prefix ends with a slash, and 0 is the character after it.
        prefix.substring(0, prefix.length() - 1) + "0",
        max);
  }

  private static Link read(ResultSet row) throws SQLException {
    return new Link(
        new LinkKey(
            RepositoryName.of(row.getString(1)),
            Digest.of(row.getString(2)),
            LinkKind.valueOf(row.getString(3))),
        row.getLong(4),
        row.getString(5),
        Instant.ofEpochMilli(row.getLong(6)),
        Instant.ofEpochMilli(row.getLong(7)),
        Instant.ofEpochMilli(row.getLong(8)));
  }
}
