package io.entrepot.catalog;

import io.entrepot.database.Session;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Manifest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The statements about the table {@code blob}.
 *
 * <p>Whoever makes a first link and whoever removes an unlinked blob both lock the row of the blob
 * first, so that no link is ever left without it.
 */
final class BlobTable {
  private static final long NEVER = 0;

  /** Notes a use: its time, the digest, and its time. */
  static final String USE = "UPDATE blob SET used_at = ? WHERE digest = ? AND used_at < ?";

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

  /**
   * Makes or corrects the row of a blob that was verified, and leaves it locked.
   *
   * @return whether it is new; else the time of its verification stays as it was
   */
  static boolean put(
      Session session, Digest digest, long size, @Nullable String mediaType, long now)
      throws SQLException {
    Optional<BlobEntry> known = lock(session, digest);
    if (known.isEmpty()) {
      insert(session, digest, size, mediaType, now, now);
      return true;
    }
    String type = mediaType == null ? known.get().mediaType() : mediaType;
    session.update(
        "UPDATE blob SET size = ?, media_type = ?, used_at = GREATEST(used_at, ?) WHERE digest = ?",
        size,
        type,
        now,
        digest.toString());
    return false;
  }

  /** Takes in blobs that were found in the store and that nobody has verified. */
  static int adopt(Session session, Map<Digest, Long> sizes, long now) throws SQLException {
    int adopted = 0;
    List<Digest> small = new ArrayList<>();
    for (Map.Entry<Digest, Long> found : sizes.entrySet()) {
      if (lock(session, found.getKey()).isEmpty()) {
        insert(session, found.getKey(), found.getValue(), null, now, NEVER);
        adopted++;
        if (found.getValue() <= Manifest.MAX_BYTES) {
          small.add(found.getKey());
        }
      }
    }
    ReferenceTable.putUnread(session, small);
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
        """
        INSERT INTO blob (digest, size, media_type, added_at, verified_at, used_at)
        VALUES (?, ?, ?, ?, ?, ?)
        """,
        digest.toString(),
        size,
        mediaType,
        now,
        verifiedAt,
        // What nobody has verified came without a client that uses it.
        verifiedAt);
  }

  /** Deletes a blob and what it refers to. */
  static void delete(Session session, Digest digest) throws SQLException {
    ReferenceTable.delete(session, digest);
    session.update("DELETE FROM blob WHERE digest = ?", digest.toString());
  }

  /** Notes uses, unless later ones are noted. */
  static void use(Session session, Collection<Digest> digests, long at) throws SQLException {
    session.updateAll(
        USE, digests.stream().map(digest -> new Object[] {at, digest.toString(), at}).toList());
  }

  static Set<Digest> usedSince(Session session, Collection<Digest> digests, long at)
      throws SQLException {
    Set<Digest> used = new HashSet<>();
    for (Digest digest : digests) {
      if (session
          .find(
              "SELECT 1 FROM blob WHERE digest = ? AND used_at > ?",
              row -> true,
              digest.toString(),
              at)
          .isPresent()) {
        used.add(digest);
      }
    }
    return used;
  }

  static long bytes(Session session) throws SQLException {
    return session
        .find("SELECT COALESCE(SUM(size), 0) FROM blob", row -> row.getLong(1))
        .orElse(0L);
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
