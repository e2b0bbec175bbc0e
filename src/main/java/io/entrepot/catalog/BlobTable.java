package io.entrepot.catalog;

import io.entrepot.database.Session;
import io.entrepot.oci.Descriptor;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The statements about the tables {@code blob} and {@code child}.
 *
 * <p>Whoever makes a first link and whoever removes an unlinked blob both lock the row of the blob
 * first, so that no link is ever left without it.
 */
final class BlobTable {
  private static final long NEVER = 0;

  private BlobTable() {}

  static Optional<BlobEntry> find(Session session, Digest digest) throws SQLException {
    return session.find(
        "SELECT digest, size, media_type, added_at FROM blob WHERE digest = ?",
        BlobTable::read,
        digest.toString());
  }

  /** Locks a blob's row until the transaction ends. */
  static Optional<BlobEntry> lock(Session session, Digest digest) throws SQLException {
    return session.find(
        "SELECT digest, size, media_type, added_at FROM blob WHERE digest = ? FOR UPDATE",
        BlobTable::read,
        digest.toString());
  }

  /** Makes or corrects the row of a blob that was verified, and leaves it locked. */
  static void put(Session session, Digest digest, long size, @Nullable String mediaType, long now)
      throws SQLException {
    Optional<BlobEntry> known = lock(session, digest);
    if (known.isEmpty()) {
      insert(session, digest, size, mediaType, now, now);
      return;
    }
    String type = mediaType == null ? known.get().mediaType() : mediaType;
    if (known.get().size() != size || !Objects.equals(known.get().mediaType(), type)) {
      session.update(
          "UPDATE blob SET size = ?, media_type = ? WHERE digest = ?",
          size,
          type,
          digest.toString());
    }
  }

  /** Takes in blobs that were found in the store and that nobody has verified. */
  static int adopt(Session session, Map<Digest, Long> sizes, long now) throws SQLException {
    int adopted = 0;
    for (Map.Entry<Digest, Long> found : sizes.entrySet()) {
      if (lock(session, found.getKey()).isEmpty()) {
        insert(session, found.getKey(), found.getValue(), null, now, NEVER);
        adopted++;
      }
    }
    return adopted;
  }

  private static void insert(
      Session session,
      Digest digest,
      long size,
      @Nullable String mediaType,
      long now,
      long verifiedAt)
      throws SQLException {
    session.update(
        "INSERT INTO blob (digest, size, media_type, added_at, verified_at) VALUES (?, ?, ?, ?, ?)",
        digest.toString(),
        size,
        mediaType,
        now,
        verifiedAt);
  }

  /** Remembers what a manifest lists. What a digest lists never changes, so once is enough. */
  static void putChildren(Session session, Manifest manifest) throws SQLException {
    String parent = manifest.digest().toString();
    boolean known =
        session
            .find("SELECT 1 FROM child WHERE parent = ? LIMIT 1", row -> true, parent)
            .isPresent();
    if (!known) {
      List<Object[]> rows =
          manifest.children().stream()
              .map(Descriptor::digest)
              .distinct()
              .map(child -> new Object[] {parent, child.toString()})
              .toList();
      session.updateAll("INSERT INTO child (parent, child) VALUES (?, ?)", rows);
    }
  }

  /** Deletes a blob and what it lists. */
  static void delete(Session session, Digest digest) throws SQLException {
    session.update("DELETE FROM child WHERE parent = ?", digest.toString());
    session.update("DELETE FROM blob WHERE digest = ?", digest.toString());
  }

  static List<Digest> after(Session session, @Nullable Digest last, int max) throws SQLException {
    return session.list(
        "SELECT digest FROM blob WHERE digest > ? ORDER BY digest LIMIT ?",
        row -> Digest.of(row.getString(1)),
        last == null ? "" : last.toString(),
        max);
  }

  static List<Digest> missing(Session session, Collection<Digest> digests) throws SQLException {
    List<Digest> missing = new ArrayList<>();
    for (Digest digest : digests) {
      if (find(session, digest).isEmpty()) {
        missing.add(digest);
      }
    }
    return missing;
  }

  static void setVerified(Session session, Collection<Digest> digests, long now)
      throws SQLException {
    session.updateAll(
        "UPDATE blob SET verified_at = ? WHERE digest = ?",
        digests.stream().map(digest -> new Object[] {now, digest.toString()}).toList());
  }

  static List<Digest> unverified(Session session, long since, @Nullable Digest last, int max)
      throws SQLException {
    return session.list(
        """
        SELECT digest FROM blob WHERE digest > ? AND verified_at < ?
        ORDER BY digest LIMIT ?
        """,
        row -> Digest.of(row.getString(1)),
        last == null ? "" : last.toString(),
        since,
        max);
  }

  private static BlobEntry read(ResultSet row) throws SQLException {
    return new BlobEntry(
        Digest.of(row.getString(1)),
        row.getLong(2),
        row.getString(3),
        Instant.ofEpochMilli(row.getLong(4)));
  }
}
