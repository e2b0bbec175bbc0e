package io.entrepot.catalog;

import io.entrepot.catalog.Tags.TagKey;
import io.entrepot.database.Session;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The statements about the table {@code tag}. */
final class TagTable {
  private TagTable() {}

  static Optional<TagEntry> find(Session session, RepositoryName repository, Tag tag)
      throws SQLException {
    return session.find(
        """
        SELECT digest, resolved_at, fresh_for, deviation FROM tag WHERE repository = ? AND tag = ?
        """,
        row -> {
          String deviation = row.getString(4);
          return new TagEntry(
              repository,
              tag,
              Digest.of(row.getString(1)),
              Instant.ofEpochMilli(row.getLong(2)),
              Duration.ofMillis(row.getLong(3)),
              deviation == null ? null : Deviation.valueOf(deviation));
        },
        repository.value(),
        tag.value());
  }

  /** Returns whether it is new. */
  static boolean put(Session session, TagEntry entry) throws SQLException {
    Deviation deviation = entry.deviation();
    @Nullable Object[] row = {
      entry.digest().toString(),
      entry.resolvedAt().toEpochMilli(),
      entry.freshFor().toMillis(),
      deviation == null ? null : deviation.name(),
      entry.repository().value(),
      entry.tag().value()
    };
    int moved =
        session.update(
            """
            UPDATE tag SET digest = ?, resolved_at = ?, fresh_for = ?, deviation = ?
            WHERE repository = ? AND tag = ?
            """,
            row);
    if (moved == 0) {
      session.update(
          """
          INSERT INTO tag (digest, resolved_at, fresh_for, deviation, repository, tag)
          VALUES (?, ?, ?, ?, ?, ?)
          """,
          row);
    }
    return moved == 0;
  }

  static int delete(Session session, RepositoryName repository, Tag tag) throws SQLException {
    return session.update(
        "DELETE FROM tag WHERE repository = ? AND tag = ?", repository.value(), tag.value());
  }

  /** The tags of all repositories that point to a digest. */
  static List<TagKey> pointing(Session session, Digest digest) throws SQLException {
    return session.list(
        "SELECT repository, tag FROM tag WHERE digest = ?",
        row -> new TagKey(RepositoryName.of(row.getString(1)), new Tag(row.getString(2))),
        digest.toString());
  }

  /**
   * The tags of all repositories that point to some digests, by digest; a page of these at most.
   */
  static Map<Digest, List<TagKey>> pointing(Session session, Collection<Digest> digests)
      throws SQLException {
    Map<Digest, List<TagKey>> pointing = new HashMap<>();
    if (!digests.isEmpty()) {
      String places = String.join(", ", Collections.nCopies(digests.size(), "?"));
      var unused =
          session.list(
              "SELECT digest, repository, tag FROM tag WHERE digest IN (" + places + ")",
              row ->
                  pointing
                      .computeIfAbsent(Digest.of(row.getString(1)), d -> new ArrayList<>())
                      .add(
                          new TagKey(
                              RepositoryName.of(row.getString(2)), new Tag(row.getString(3)))),
              digests.stream().map(Digest::toString).toArray());
    }
    return pointing;
  }

  /** The tags of one repository that point to a digest. */
  static List<TagKey> pointing(Session session, RepositoryName repository, Digest digest)
      throws SQLException {
    return session.list(
        "SELECT tag FROM tag WHERE digest = ? AND repository = ?",
        row -> new TagKey(repository, new Tag(row.getString(1))),
        digest.toString(),
        repository.value());
  }

  /** Deletes those of some tags that still point to a digest. */
  static void delete(Session session, Collection<TagKey> tags, Digest digest) throws SQLException {
    session.updateAll(
        "DELETE FROM tag WHERE repository = ? AND tag = ? AND digest = ?",
        tags.stream()
            .map(
                key ->
                    new Object[] {key.repository().value(), key.tag().value(), digest.toString()})
            .toList());
  }

  static List<String> list(Session session, RepositoryName repository, String last, int max)
      throws SQLException {
    return session.list(
        "SELECT tag FROM tag WHERE repository = ? AND tag > ? ORDER BY tag LIMIT ?",
        row -> row.getString(1),
        repository.value(),
        last,
        max);
  }
}
