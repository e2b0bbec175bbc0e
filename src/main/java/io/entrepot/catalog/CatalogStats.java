package io.entrepot.catalog;

import io.entrepot.database.Session;
import java.sql.SQLException;

/**
 * How much the catalog holds, counted at one moment.
 *
 * @param blobs digests held, manifests included
 * @param manifests digests that at least one repository holds as a manifest
 * @param links pairs of repository and digest
 * @param tags tags of all repositories
 * @param repositories repositories with at least one link
 * @param bytes what all blobs take, each counted once
 */
public record CatalogStats(
    long blobs, long manifests, long links, long tags, long repositories, long bytes) {

  static CatalogStats count(Session session) throws SQLException {
    return new CatalogStats(
        number(session, "SELECT COUNT(*) FROM blob"),
        number(session, "SELECT COUNT(DISTINCT digest) FROM link WHERE kind = 'MANIFEST'"),
        number(session, "SELECT COUNT(*) FROM link"),
        number(session, "SELECT COUNT(*) FROM tag"),
        number(session, "SELECT COUNT(DISTINCT repository) FROM link"),
        BlobTable.bytes(session));
  }

  private static long number(Session session, String sql) throws SQLException {
    return session.find(sql, row -> row.getLong(1)).orElse(0L);
  }
}
