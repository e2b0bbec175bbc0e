package io.entrepot.catalog;

import io.entrepot.database.Session;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/**
 * The statements about the table {@code sighting}. Each new digest of a tag also prunes the table:
 * the oldest of that tag beyond a hundred go, and some sightings of tags that nobody has asked for
 * in two years.
 */
final class SightingTable {
  /** Two years of weekly moves; a nightly tag still has three months. */
  static final int MAX_EACH = 100;

  /** Longer than any cooling makes sense, and than a release is commonly supported. */
  static final Duration KEPT = Duration.ofDays(730);

  /** More may go than come, so that the old ones become fewer. */
  private static final int MAX_PRUNED = 100;

  private SightingTable() {}

  /** The digests of a tag; the one that the upstream named last comes first. */
  static List<Sighting> list(Session session, RepositoryName repository, Tag tag)
      throws SQLException {
    return session.list(
        """
        SELECT digest, first_seen, last_seen, served FROM sighting
        WHERE repository = ? AND tag = ?
        ORDER BY last_seen DESC, first_seen DESC, digest LIMIT ?
        """,
        row ->
            new Sighting(
                Digest.of(row.getString(1)),
                Instant.ofEpochMilli(row.getLong(2)),
                Instant.ofEpochMilli(row.getLong(3)),
                row.getBoolean(4)),
        repository.value(),
        tag.value(),
        MAX_EACH);
  }

  /** Notes that the upstream names a digest now. */
  static void see(
      Session session, RepositoryName repository, Tag tag, Digest digest, long now, boolean served)
      throws SQLException {
    int known =
        session.update(
            """
            UPDATE sighting SET last_seen = GREATEST(last_seen, ?), served = (served OR ?)
            WHERE repository = ? AND tag = ? AND digest = ?
            """,
            now,
            served,
            repository.value(),
            tag.value(),
            digest.toString());
    if (known == 0) {
      session.update(
          """
          INSERT INTO sighting (repository, tag, digest, first_seen, last_seen, served)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
          repository.value(),
          tag.value(),
          digest.toString(),
          now,
          now,
          served);
      pruneTag(session, repository, tag);
      pruneAbandoned(session, now - KEPT.toMillis());
    }
  }

  /** Notes that clients get a digest which the upstream does not name now. */
  static void serve(Session session, RepositoryName repository, Tag tag, Digest digest)
      throws SQLException {
    session.update(
        "UPDATE sighting SET served = TRUE WHERE repository = ? AND tag = ? AND digest = ?",
        repository.value(),
        tag.value(),
        digest.toString());
  }

  private static void pruneTag(Session session, RepositoryName repository, Tag tag)
      throws SQLException {
    session.update(
        """
        DELETE FROM sighting WHERE repository = ? AND tag = ? AND digest IN (
          SELECT digest FROM sighting WHERE repository = ? AND tag = ?
          ORDER BY last_seen DESC, first_seen DESC, digest OFFSET ? ROWS)
        """,
        repository.value(),
        tag.value(),
        repository.value(),
        tag.value(),
        MAX_EACH);
  }

  /** The history of a tag that is here stays: it may be served for years without a question. */
  private static void pruneAbandoned(Session session, long before) throws SQLException {
    List<Object[]> abandoned =
        session.list(
            """
            SELECT repository, tag, digest FROM sighting s
            WHERE last_seen < ? AND NOT EXISTS (
              SELECT 1 FROM tag t WHERE t.repository = s.repository AND t.tag = s.tag)
            ORDER BY last_seen LIMIT ?
            """,
            row -> new Object[] {row.getString(1), row.getString(2), row.getString(3)},
            before,
            MAX_PRUNED);
    session.updateAll(
        "DELETE FROM sighting WHERE repository = ? AND tag = ? AND digest = ?", abandoned);
  }
}
