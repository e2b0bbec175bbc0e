package io.entrepot.catalog;

import io.entrepot.catalog.HeldRepositories.Order;
import io.entrepot.catalog.HeldRepositories.Wanted;
import io.entrepot.database.Session;
import io.entrepot.oci.RepositoryName;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;

/** The statements that list repositories and count what they hold. */
final class RepositoryTable {
  /** Sorts behind every name. */
  private static final String END = "~";

  /** A digest that is a blob and a manifest in one repository counts once. */
  private static final String COUNTS =
      """
      SELECT repository, COUNT(*), SUM(size), SUM(own), MAX(used), MIN(used), MIN(fetched)
      FROM (
        SELECT l.repository, l.digest, b.size, MAX(l.last_used) AS used,
          MIN(l.fetched_at) AS fetched,
          CASE WHEN EXISTS (
            SELECT 1 FROM link o WHERE o.digest = l.digest AND o.repository <> l.repository)
          THEN 0 ELSE b.size END AS own
        FROM link l JOIN blob b ON b.digest = l.digest
        WHERE l.repository IN (%s)
        GROUP BY l.repository, l.digest, b.size
      ) held
      GROUP BY repository
      """;

  private RepositoryTable() {}

  static boolean holds(Session session, RepositoryName repository) throws SQLException {
    return session
        .find("SELECT 1 FROM link WHERE repository = ? LIMIT 1", row -> true, repository.value())
        .isPresent();
  }

  static List<RepositoryName> byName(Session session, Wanted wanted, int max) throws SQLException {
    String after = wanted.after() == null ? "" : wanted.after().value();
    String begin = wanted.prefix();
    return names(
        session,
        """
        SELECT DISTINCT repository FROM link
        WHERE repository > ? AND repository < ? AND repository LIKE ? ESCAPE '!'
        ORDER BY repository LIMIT ?
        """,
        after.compareTo(begin) < 0 ? begin : after,
        end(wanted),
        like(wanted),
        max);
  }

  /** The first repositories by size or by last use. */
  static List<RepositoryName> ranked(Session session, Wanted wanted, int max) throws SQLException {
    return names(
        session,
        """
        SELECT l.repository FROM %s
        WHERE l.repository > ? AND l.repository < ? AND l.repository LIKE ? ESCAPE '!'
        GROUP BY l.repository
        ORDER BY %s DESC, l.repository LIMIT ?
        """
            .formatted(
                wanted.order() == Order.SIZE
                    ? "link l JOIN blob b ON b.digest = l.digest"
                    : "link l",
                wanted.order() == Order.SIZE ? "SUM(b.size)" : "MAX(l.last_used)"),
        wanted.prefix(),
        end(wanted),
        like(wanted),
        max);
  }

  /** The prefix ends with a slash, and 0 is the character after it. */
  private static String end(Wanted wanted) {
    String prefix = wanted.prefix();
    return prefix.isEmpty() ? END : prefix.substring(0, prefix.length() - 1) + "0";
  }

  private static String like(Wanted wanted) {
    String part = wanted.part().replace("!", "!!").replace("%", "!%").replace("_", "!_");
    return "%" + part + "%";
  }

  private static List<RepositoryName> names(Session session, String sql, Object... arguments)
      throws SQLException {
    return session.list(sql, row -> RepositoryName.of(row.getString(1)), arguments);
  }

  static List<RepositoryEntry> entries(Session session, List<RepositoryName> repositories)
      throws SQLException {
    if (repositories.isEmpty()) {
      return List.of();
    }
    String places = repositories.stream().map(name -> "?").collect(Collectors.joining(", "));
    Object[] names = repositories.stream().map(RepositoryName::value).toArray();
    Map<String, Long> tags = new HashMap<>();
    session
        .list(
            "SELECT repository, COUNT(*) FROM tag WHERE repository IN (%s) GROUP BY repository"
                .formatted(places),
            row -> Map.entry(row.getString(1), row.getLong(2)),
            names)
        .forEach(count -> tags.put(count.getKey(), count.getValue()));
    Map<RepositoryName, RepositoryEntry> found = new HashMap<>();
    session
        .list(COUNTS.formatted(places), row -> read(row, tags), names)
        .forEach(entry -> found.put(entry.repository(), entry));
    List<RepositoryEntry> inOrder = new ArrayList<>(repositories.stream().map(found::get).toList());
    inOrder.removeIf(Objects::isNull);
    return inOrder;
  }

  private static RepositoryEntry read(ResultSet row, Map<String, Long> tags) throws SQLException {
    String repository = row.getString(1);
    return new RepositoryEntry(
        RepositoryName.of(repository),
        new RepositoryEntry.Counts(row.getLong(2), row.getLong(3), row.getLong(4)),
        tags.getOrDefault(repository, 0L),
        Instant.ofEpochMilli(row.getLong(5)),
        Instant.ofEpochMilli(row.getLong(6)),
        Instant.ofEpochMilli(row.getLong(7)));
  }

  /** The bytes of the blobs of each upstream; a blob of two upstreams counts for both. */
  static Map<String, Long> bytesOfUpstreams(Session session) throws SQLException {
    return session
        .list(
            """
            SELECT held.upstream, SUM(b.size) FROM (
              SELECT DISTINCT
                SUBSTRING(repository, 1, POSITION('/' IN repository) - 1) AS upstream, digest
              FROM link) held
            JOIN blob b ON b.digest = held.digest GROUP BY held.upstream
            """,
            row -> Map.entry(row.getString(1), row.getLong(2)))
        .stream()
        .collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, Map.Entry::getValue));
  }
}
