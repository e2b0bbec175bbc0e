package io.entrepot.catalog;

import io.entrepot.database.Session;
import io.entrepot.oci.Digest;
import io.entrepot.oci.NamePattern;
import io.entrepot.oci.RepositoryName;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** The one question about pins: which repositories need a digest for a pinned tag. */
final class PinnedTags {
  /** The tags of a digest, of what lists it, and of what lists that: as deep as a use counts. */
  private static final String LEADING_TO =
      """
      SELECT DISTINCT repository FROM (
        SELECT t.repository, t.tag FROM tag t WHERE t.digest = ?
        UNION
        SELECT t.repository, t.tag
        FROM child c JOIN tag t ON t.digest = c.parent WHERE c.child = ?
        UNION
        SELECT t.repository, t.tag
        FROM child c JOIN child above ON above.child = c.parent
        JOIN tag t ON t.digest = above.parent WHERE c.child = ?
      ) pointing
      WHERE\s""";

  private static final String PINNED = "(repository LIKE ? ESCAPE '!' AND tag LIKE ? ESCAPE '!')";

  private PinnedTags() {}

  static Set<RepositoryName> needing(Session session, Digest digest, List<Pin> pins)
      throws SQLException {
    List<Object> arguments = new ArrayList<>();
    for (int i = 0; i < 3; i++) {
      arguments.add(digest.toString());
    }
    for (Pin pin : pins) {
      arguments.add(like(pin.repositories()));
      arguments.add(like(pin.tags()));
    }
    arguments.add(Catalog.MAX_PAGE);
    String filter = pins.stream().map(pin -> PINNED).collect(Collectors.joining(" OR "));
    return new HashSet<>(
        session.list(
            LEADING_TO + filter + " LIMIT ?",
            row -> RepositoryName.of(row.getString(1)),
            arguments.toArray()));
  }

  private static String like(NamePattern glob) {
    return glob.pattern()
        .replace("!", "!!")
        .replace("%", "!%")
        .replace("_", "!_")
        .replace('*', '%')
        .replace('?', '_');
  }
}
