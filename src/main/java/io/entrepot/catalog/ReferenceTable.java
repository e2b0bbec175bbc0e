package io.entrepot.catalog;

import io.entrepot.database.Session;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The statements about what manifests refer to: the tables {@code child}, {@code subject} and
 * {@code unread}.
 */
final class ReferenceTable {
  private static final String NODE = "b.size, b.used_at, b.media_type";

  private static final String NOT_LISTED =
      """
       AND NOT EXISTS (
        SELECT 1 FROM child c JOIN blob p ON p.digest = c.parent WHERE c.child = b.digest)
      """;

  private static final String NOT_LISTED_IN_RANGE =
      """
       AND EXISTS (
        SELECT 1 FROM link l
        WHERE l.digest = b.digest AND l.repository >= ? AND l.repository < ?)
       AND NOT EXISTS (
        SELECT 1 FROM child c JOIN link p ON p.digest = c.parent AND p.kind = 'MANIFEST'
        WHERE c.child = b.digest AND p.repository >= ? AND p.repository < ?)
      """;

  private ReferenceTable() {}

  /**
   * A digest that a manifest refers to, or that refers to a manifest.
   *
   * @param size in bytes; -1 where the digest is not here
   * @param usedAt in milliseconds
   * @param isManifest whether an upstream has sent it as a manifest
   */
  record Node(Digest digest, long size, long usedAt, boolean isManifest) {
    boolean isHere() {
      return size >= 0;
    }
  }

  /** Remembers what a manifest refers to. That never changes, so once is enough. */
  static void put(Session session, Manifest manifest) throws SQLException {
    String digest = manifest.digest().toString();
    if (!exists(session, "SELECT 1 FROM child WHERE parent = ? LIMIT 1", digest)) {
      List<Object[]> rows =
          manifest.children().stream()
              .map(Descriptor::digest)
              .distinct()
              .map(child -> new Object[] {digest, child.toString()})
              .toList();
      session.updateAll("INSERT INTO child (parent, child) VALUES (?, ?)", rows);
    }
    Descriptor subject = manifest.subject();
    if (subject != null && !exists(session, "SELECT 1 FROM subject WHERE referrer = ?", digest)) {
      session.update(
          "INSERT INTO subject (referrer, subject) VALUES (?, ?)",
          digest,
          subject.digest().toString());
    }
    setRead(session, List.of(manifest.digest()));
  }

  static void delete(Session session, Digest manifest) throws SQLException {
    session.update("DELETE FROM child WHERE parent = ?", manifest.toString());
    session.update("DELETE FROM subject WHERE referrer = ?", manifest.toString());
    setRead(session, List.of(manifest));
  }

  /** Notes that digests may be manifests that nobody has read; they must not be noted yet. */
  static void putUnread(Session session, Collection<Digest> digests) throws SQLException {
    session.updateAll(
        "INSERT INTO unread (digest) VALUES (?)",
        digests.stream().map(digest -> new Object[] {digest.toString()}).toList());
  }

  static void setRead(Session session, Collection<Digest> digests) throws SQLException {
    session.updateAll(
        "DELETE FROM unread WHERE digest = ?",
        digests.stream().map(digest -> new Object[] {digest.toString()}).toList());
  }

  static List<Digest> unread(Session session, int max) throws SQLException {
    return session.list(
        "SELECT digest FROM unread ORDER BY digest LIMIT ?",
        row -> Digest.of(row.getString(1)),
        max);
  }

  static Optional<Node> find(Session session, Digest digest) throws SQLException {
    return session.find(
        "SELECT b.digest, " + NODE + " FROM blob b WHERE b.digest = ?",
        ReferenceTable::read,
        digest.toString());
  }

  /** All that a manifest lists, here or not. */
  static List<Node> listed(Session session, Digest manifest) throws SQLException {
    return session.list(
        "SELECT c.child, "
            + NODE
            + " FROM child c LEFT JOIN blob b ON b.digest = c.child WHERE c.parent = ?",
        ReferenceTable::read,
        manifest.toString());
  }

  /** The manifests here whose subject is this one. */
  static List<Node> referrers(Session session, Digest manifest) throws SQLException {
    return session.list(
        "SELECT s.referrer, "
            + NODE
            + " FROM subject s JOIN blob b ON b.digest = s.referrer WHERE s.subject = ?",
        ReferenceTable::read,
        manifest.toString());
  }

  /** The subject of a manifest, if that is here. */
  static Optional<Node> subject(Session session, Digest manifest) throws SQLException {
    return session.find(
        "SELECT s.subject, "
            + NODE
            + " FROM subject s JOIN blob b ON b.digest = s.subject WHERE s.referrer = ?",
        ReferenceTable::read,
        manifest.toString());
  }

  /**
   * The manifests that list a digest.
   *
   * @param range only those of these repositories; null for all that are here
   */
  static List<Digest> listing(
      Session session, Digest digest, @Nullable RepositoryRange range, int max)
      throws SQLException {
    return range == null
        ? session.list(
            """
            SELECT c.parent FROM child c JOIN blob p ON p.digest = c.parent WHERE c.child = ?
            LIMIT ?
            """,
            row -> Digest.of(row.getString(1)),
            digest.toString(),
            max)
        : session.list(
            """
            SELECT DISTINCT c.parent FROM child c JOIN link p ON p.digest = c.parent
            WHERE c.child = ? AND p.kind = ? AND p.repository >= ? AND p.repository < ? LIMIT ?
            """,
            row -> Digest.of(row.getString(1)),
            digest.toString(),
            LinkKind.MANIFEST.name(),
            range.from(),
            range.to(),
            max);
  }

  /**
   * What no manifest lists, in the order of its last use and of its digest.
   *
   * @param comparison a condition on these with two arguments
   * @param range only what these repositories have, and none of their manifests lists; null for all
   *     that is here
   */
  static List<Images.Image> unlisted(
      Session session,
      String comparison,
      long usedAt,
      String digest,
      @Nullable RepositoryRange range,
      int max)
      throws SQLException {
    List<Object> arguments = new ArrayList<>(List.of(usedAt, digest));
    if (range != null) {
      arguments.addAll(List.of(range.from(), range.to(), range.from(), range.to()));
    }
    arguments.add(max);
    return session.list(
        "SELECT b.digest, b.used_at FROM blob b WHERE "
            + comparison
            + (range == null ? NOT_LISTED : NOT_LISTED_IN_RANGE)
            + " ORDER BY b.used_at, b.digest LIMIT ?",
        row -> new Images.Image(Digest.of(row.getString(1)), row.getLong(2)),
        arguments.toArray());
  }

  private static boolean exists(Session session, String sql, String argument) throws SQLException {
    return session.find(sql, row -> true, argument).isPresent();
  }

  private static Node read(ResultSet row) throws SQLException {
    long size = row.getLong(2);
    boolean isHere = !row.wasNull();
    return new Node(
        Digest.of(row.getString(1)), isHere ? size : -1, row.getLong(3), row.getString(4) != null);
  }
}
