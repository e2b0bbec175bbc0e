package io.entrepot.cluster;

import io.entrepot.database.Database;
import io.entrepot.database.DatabaseException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The row of this node in the table of nodes, and those of the others. All times are the
 * database's, whatever the clocks of the nodes say. Thread-safe.
 */
public final class Membership {
  /** A node that was not seen for so long is down. */
  public static final Duration DOWN = Duration.ofSeconds(10);

  /** Quartz goes by the clocks of the nodes, so they must agree. */
  private static final Duration CLOCK = Duration.ofSeconds(1);

  /** A node that is down for so long is not shown any more. */
  private static final String GONE = "1 day";

  /** So long after a fill others may get the blob from its node. Few fills take longer. */
  private static final String CLAIMED = "1 hour";

  private static final int MOST = 1_000;

  private final Database database;
  private final Node self;

  /**
   * A node.
   *
   * @param address the URL by which other nodes reach it
   * @param seenAgo how long ago it was last seen
   */
  public record Node(
      String name, String address, String version, Instant started, Duration seenAgo) {
    /** Whether it was seen lately. */
    public boolean isUp() {
      return seenAgo.compareTo(DOWN) < 0;
    }
  }

  private Membership(Database database, Node self) {
    this.database = database;
    this.self = self;
  }

  /**
   * Looks whether a node may join. Writes nothing.
   *
   * @param mark of the node's secret
   * @throws ClusterException if it may not
   */
  public static void check(Database database, String mark, Clock clock) {
    Instant before = clock.instant();
    double seconds =
        database.read(
            "asking the database for the time",
            session ->
                session
                    .find(
                        "SELECT CAST(EXTRACT(EPOCH FROM clock_timestamp()) AS FLOAT8)",
                        row -> row.getDouble(1))
                    .orElseThrow());
    Instant after = clock.instant();
    Instant there = Instant.ofEpochMilli((long) (seconds * 1000));
    if (there.isBefore(before.minus(CLOCK)) || there.isAfter(after.plus(CLOCK))) {
      throw new ClusterException(
          "cluster.address: the clock of this node is %d ms off the database's; set it by NTP"
              .formatted(Duration.between(there, after).toMillis()));
    }
    checkSecret(present(database), mark);
  }

  private static Optional<String> present(Database database) {
    return database.read(
        "looking for a cluster",
        session -> {
          boolean isThere =
              session
                  .find("SELECT to_regclass('cluster_mark') IS NOT NULL", row -> row.getBoolean(1))
                  .orElse(false);
          return isThere
              ? session.find("SELECT mark FROM cluster_mark", row -> row.getString(1))
              : Optional.empty();
        });
  }

  private static void checkSecret(Optional<String> present, String mark) {
    if (present.isPresent() && !present.get().equals(mark)) {
      throw new ClusterException(
          "cluster.secretfile: the cluster of this database has another secret");
    }
  }

  /**
   * Joins. The tables were made.
   *
   * @throws ClusterException if another node is up by this name
   */
  public static Membership join(Database database, Node self, String mark) {
    Optional<String> owner =
        database.write(
            "founding a cluster",
            session -> {
              session.update(
                  "INSERT INTO cluster_mark (one, mark) VALUES (1, ?) ON CONFLICT DO NOTHING",
                  mark);
              return session.find("SELECT mark FROM cluster_mark", row -> row.getString(1));
            });
    checkSecret(owner, mark);
    Membership joined = new Membership(database, self);
    joined.enter();
    return joined;
  }

  private void enter() {
    int entered =
        database.write(
            "joining as " + self.name(),
            session ->
                session.update(
                    """
                    INSERT INTO node (name, address, version, started, seen)
                    VALUES (?, ?, ?, clock_timestamp(), clock_timestamp())
                    ON CONFLICT (name) DO UPDATE SET address = EXCLUDED.address,
                      version = EXCLUDED.version, started = EXCLUDED.started, seen = EXCLUDED.seen
                    WHERE node.address = EXCLUDED.address
                      OR node.seen < clock_timestamp() - CAST(? AS INTERVAL)
                    """,
                    self.name(),
                    self.address(),
                    self.version(),
                    DOWN.toString()));
    if (entered == 0) {
      throw new ClusterException(
          "cluster.node: a node with the name %s and another address is up; give each its own name"
              .formatted(self.name()));
    }
  }

  /** The name of this node. */
  String name() {
    return self.name();
  }

  /** Says that this node is up. A row that somebody has deleted comes back. */
  public void beat() {
    int seen =
        database.write(
            "saying that this node is up",
            session ->
                session.update(
                    "UPDATE node SET seen = clock_timestamp() WHERE name = ?", self.name()));
    if (seen == 0) {
      enter();
    }
  }

  /** Deletes the rows of nodes that left without a word, and old claims. */
  public void prune() {
    int unused =
        database.write(
            "forgetting nodes and claims",
            session ->
                session.update("DELETE FROM node WHERE seen < " + before(GONE))
                    + session.update("DELETE FROM fill_claim WHERE at < " + before(CLAIMED)));
  }

  private static String before(String interval) {
    return "clock_timestamp() - INTERVAL '" + interval + "'";
  }

  /** All nodes by their names, also those that are down. */
  public List<Node> nodes() {
    return database.read(
        "listing the nodes",
        session ->
            session.list(
                """
                SELECT name, address, version, CAST(EXTRACT(EPOCH FROM started) * 1000 AS BIGINT),
                  CAST(EXTRACT(EPOCH FROM clock_timestamp() - seen) * 1000 AS BIGINT)
                FROM node ORDER BY name LIMIT ?
                """,
                Membership::node,
                MOST));
  }

  /** How many blobs each node fetches, or has fetched within the last hour, by its name. */
  public Map<String, Long> claims() {
    Map<String, Long> claims = new HashMap<>();
    database
        .read(
            "counting the claims",
            session ->
                session.list(
                    "SELECT node, COUNT(*) FROM fill_claim GROUP BY node LIMIT ?",
                    row -> Map.entry(row.getString(1), row.getLong(2)),
                    MOST))
        .forEach(each -> claims.put(each.getKey(), each.getValue()));
    return claims;
  }

  private static Node node(ResultSet row) throws SQLException {
    return new Node(
        row.getString(1),
        row.getString(2),
        row.getString(3),
        Instant.ofEpochMilli(row.getLong(4)),
        Duration.ofMillis(Math.max(0, row.getLong(5))));
  }

  /** Leaves. A database that is down shows it as down soon. */
  public void leave() {
    try {
      int unused =
          database
              .within(Duration.ofSeconds(2))
              .write(
                  "leaving",
                  session -> session.update("DELETE FROM node WHERE name = ?", self.name()));
    } catch (DatabaseException e) {
      // It is not seen any more, which says the same.
    }
  }
}
