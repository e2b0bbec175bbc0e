package io.entrepot.catalog;

import io.entrepot.database.Session;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The statements that write last uses: of blobs, of links, and of what a used manifest lists. */
final class UseTable {
  /** More than any image has. An index that was made to be huge keeps no more than this (S12). */
  private static final int MAX_CARRIED = 10_000;

  private static final int BATCH = 1_000;

  private static final String UPDATE =
      "UPDATE link SET last_used = ? WHERE repository = ? AND digest = ? AND last_used < ?";

  private static final String LISTED =
      """
      SELECT child FROM child WHERE parent = ?
      UNION
      SELECT below.child
      FROM child above
      JOIN link ON link.repository = ? AND link.digest = above.child AND link.kind = 'MANIFEST'
      JOIN child below ON below.parent = above.child
      WHERE above.parent = ?
      LIMIT ?
      """;

  private UseTable() {}

  static void put(Session session, Map<LinkKey, Long> uses) throws SQLException {
    // The rows of blobs first, as whoever makes a link locks them.
    session.updateAll(
        BlobTable.USE,
        uses.entrySet().stream()
            .map(
                use ->
                    new Object[] {use.getValue(), use.getKey().digest().toString(), use.getValue()})
            .toList());
    List<Object[]> rows = new ArrayList<>();
    for (Map.Entry<LinkKey, Long> use : uses.entrySet()) {
      String repository = use.getKey().repository().value();
      Long at = use.getValue();
      rows.add(new Object[] {at, repository, use.getKey().digest().toString(), at});
      if (use.getKey().kind() == LinkKind.MANIFEST) {
        for (String child : listed(session, use.getKey())) {
          rows.add(new Object[] {at, repository, child, at});
        }
      }
      if (rows.size() >= BATCH) {
        session.updateAll(UPDATE, rows);
        rows.clear();
      }
    }
    session.updateAll(UPDATE, rows);
  }

  private static List<String> listed(Session session, LinkKey manifest) throws SQLException {
    String digest = manifest.digest().toString();
    return session.list(
        LISTED,
        row -> row.getString(1),
        digest,
        manifest.repository().value(),
        digest,
        MAX_CARRIED);
  }
}
