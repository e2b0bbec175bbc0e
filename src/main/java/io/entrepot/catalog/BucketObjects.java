package io.entrepot.catalog;

import io.entrepot.database.Database;
import io.entrepot.database.Session;
import io.entrepot.oci.Digest;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The part of the catalog that has the objects of the bucket: which of them are stored, and which
 * wait to be put. Each digest has one at most. Whoever changes one must name its generation, so
 * that a late put or a late removal never touches the next one. Safe for concurrent use. All
 * methods ask the database, and throw {@link io.entrepot.database.DatabaseException} when it fails.
 */
public final class BucketObjects {
  private static final String FIND =
      "SELECT digest, generation, size FROM bucket_object WHERE digest = ?";

  private final Database database;
  private final Clock clock;

  BucketObjects(Database database, Clock clock) {
    this.database = database;
    this.clock = clock;
  }

  /**
   * Notes an object that is to be put, unless its digest has one.
   *
   * @param node has the bytes in its folder
   * @return whether it was noted
   */
  public boolean await(BucketObject object, String node) {
    return database.write(
        "noting " + object.digest() + " for the bucket",
        session ->
            find(session, object.digest()).isEmpty()
                && session.update(
                        """
                        INSERT INTO bucket_object
                          (digest, generation, size, stored, node, added_at)
                        VALUES (?, ?, ?, FALSE, ?, ?)
                        """,
                        object.digest().toString(),
                        object.generation(),
                        object.size(),
                        node,
                        clock.millis())
                    > 0);
  }

  /** What a node has to put, the oldest first. */
  public List<BucketObject> awaited(String node, int max) {
    return database.read(
        "listing what is to be put",
        session ->
            session.list(
                """
                SELECT digest, generation, size FROM bucket_object
                WHERE node = ? AND stored = FALSE ORDER BY added_at, digest LIMIT ?
                """,
                BucketObjects::read,
                node,
                max));
  }

  /**
   * What the nodes of the database have to put.
   *
   * @param blobs how many objects, of all nodes
   * @param bytes their sizes
   * @param oldest since when the first of them waits, or null if none does
   * @param own how many of them a certain node has
   */
  public record Backlog(long blobs, long bytes, @Nullable Instant oldest, long own) {}

  /** The sizes of all objects, those that are to be put included. */
  public long bytes() {
    return database.read(
        "counting the bytes of the bucket",
        session ->
            session
                .find("SELECT COALESCE(SUM(size), 0) FROM bucket_object", row -> row.getLong(1))
                .orElseThrow());
  }

  /** What all nodes have to put, and how much of it this one has. */
  public Backlog backlog(String node) {
    return database.read(
        "counting what is to be put",
        session ->
            session
                .find(
                    """
                    SELECT COUNT(*), COALESCE(SUM(size), 0), MIN(added_at),
                      COUNT(CASE WHEN node = ? THEN 1 END)
                    FROM bucket_object WHERE stored = FALSE
                    """,
                    BucketObjects::backlog,
                    node)
                .orElseThrow());
  }

  private static Backlog backlog(ResultSet row) throws SQLException {
    long oldest = row.getLong(3);
    Instant since = row.wasNull() ? null : Instant.ofEpochMilli(oldest);
    return new Backlog(row.getLong(1), row.getLong(2), since, row.getLong(4));
  }

  /**
   * Notes that an object is in the bucket.
   *
   * @return false if it is not wanted any more
   */
  public boolean stored(BucketObject object) {
    return database.write(
        "noting that " + object.digest() + " is in the bucket",
        session ->
            session.update(
                    "UPDATE bucket_object SET stored = TRUE WHERE digest = ? AND generation = ?",
                    object.digest().toString(),
                    object.generation())
                > 0);
  }

  /** The object of a digest, if it is in the bucket. */
  public Optional<BucketObject> findStored(Digest digest) {
    return database.read(
        "finding the object of " + digest,
        session ->
            session.find(FIND + " AND stored = TRUE", BucketObjects::read, digest.toString()));
  }

  /** The objects of these digests, whether they are stored or are to be put. */
  public List<BucketObject> of(Collection<Digest> digests) {
    return database.read(
        "finding the objects of " + Digest.describe(digests),
        session -> {
          List<BucketObject> found = new ArrayList<>();
          for (Digest digest : digests) {
            find(session, digest).ifPresent(found::add);
          }
          return found;
        });
  }

  /** Those of these digests that the catalog knows and that have no object. */
  public List<BlobEntry> without(Collection<Digest> digests) {
    return database.read(
        "looking for blobs that are not in the bucket",
        session -> {
          List<BlobEntry> found = new ArrayList<>();
          for (Digest digest : digests) {
            if (find(session, digest).isEmpty()) {
              BlobTable.find(session, digest).ifPresent(found::add);
            }
          }
          return found;
        });
  }

  /** Forgets whatever object a digest has, and returns it. */
  public Optional<BucketObject> forget(Digest digest) {
    return database.write(
        "forgetting the object of " + digest,
        session -> {
          Optional<BucketObject> found =
              session.find(FIND + " FOR UPDATE", BucketObjects::read, digest.toString());
          if (found.isPresent()) {
            delete(session, found.get());
          }
          return found;
        });
  }

  /** Forgets this very object. */
  public void forget(BucketObject object) {
    database.write("forgetting the object of " + object.digest(), s -> delete(s, object));
  }

  /**
   * Of these digests, those whose objects are stored, with the time of their last use in
   * milliseconds since 1970.
   */
  public List<Used> uses(Collection<Digest> digests) {
    return database.read(
        "reading the last uses of blobs in the bucket",
        session -> {
          List<Used> found = new ArrayList<>();
          for (Digest digest : digests) {
            session
                .find(
                    """
                    SELECT o.digest, o.generation, o.size, b.used_at FROM bucket_object o
                    JOIN blob b ON b.digest = o.digest WHERE o.digest = ? AND o.stored = TRUE
                    """,
                    row -> new Used(read(row), row.getLong(4)),
                    digest.toString())
                .ifPresent(found::add);
          }
          return found;
        });
  }

  /**
   * A stored object and its last use.
   *
   * @param at in milliseconds since 1970
   */
  public record Used(BucketObject object, long at) {}

  private static Optional<BucketObject> find(Session session, Digest digest) throws SQLException {
    return session.find(FIND, BucketObjects::read, digest.toString());
  }

  private static int delete(Session session, BucketObject object) throws SQLException {
    return session.update(
        "DELETE FROM bucket_object WHERE digest = ? AND generation = ?",
        object.digest().toString(),
        object.generation());
  }

  private static BucketObject read(ResultSet row) throws SQLException {
    return new BucketObject(Digest.of(row.getString(1)), row.getString(2), row.getLong(3));
  }
}
