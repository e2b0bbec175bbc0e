package io.entrepot.database;

import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads what the nodes of a cluster tell by {@link Changes}. Each read gets what the snapshot of
 * the read before did not show. So a change is read once, whenever its transaction ends.
 *
 * <p>One thread calls {@link #read}; all else is safe for all threads.
 */
public final class ChangeFeed implements Knowledge {
  /** How old the last read may be until the database is asked again. */
  public static final Duration STALE = Duration.ofSeconds(5);

  private static final Logger log = LoggerFactory.getLogger(ChangeFeed.class);

  /** A read that takes longer has failed. It must end before the next heartbeat is missed. */
  private static final Duration ANSWER = Duration.ofSeconds(4);

  /** More than this at once, and all that is remembered goes: that costs less than many rows. */
  private static final int MOST = 10_000;

  /** How long changes are kept. No transaction of ours lasts so long. */
  private static final String KEPT = "10 minutes";

  private static final String READ =
      """
      SELECT CAST(pg_current_snapshot() AS TEXT), c.kind, c.changed
      FROM (SELECT 1) one LEFT JOIN (
        SELECT kind, changed FROM change
        WHERE xid >= pg_snapshot_xmin(CAST(? AS PG_SNAPSHOT))
          AND node <> ? AND NOT pg_visible_in_snapshot(xid, CAST(? AS PG_SNAPSHOT))
        LIMIT ?) c ON TRUE
      """;

  private final Database database;
  private final String node;
  private final Duration outage;
  private final LongSupplier nanoTime;
  private final Consumer<List<Change>> changed;
  private final Runnable all;
  private @Nullable String snapshot;
  private volatile long heardAt;
  private volatile boolean failed;
  private volatile boolean hasRead;

  /** What one row tells. */
  public record Change(String kind, String changed) {}

  private record Row(String snapshot, @Nullable Change change) {}

  /**
   * Has read nothing yet.
   *
   * @param node the name of this node, which knows its own changes
   * @param outage how long memory counts while the database cannot be asked
   * @param nanoTime as {@link System#nanoTime}
   * @param changed gets the changes of each read
   * @param all called where all that is remembered may be wrong
   */
  public ChangeFeed(
      DataSource dataSource,
      String node,
      Duration outage,
      LongSupplier nanoTime,
      Consumer<List<Change>> changed,
      Runnable all) {
    this.database = new Database(dataSource).within(ANSWER);
    this.node = node;
    this.outage = outage;
    this.nanoTime = nanoTime;
    this.changed = changed;
    this.all = all;
    this.heardAt = nanoTime.getAsLong() - outage.toNanos(); // nothing is current before a read
  }

  /**
   * Reads what has changed and has it forgotten.
   *
   * @return whether the database has answered
   */
  public boolean read() {
    long begun = nanoTime.getAsLong();
    List<Row> rows;
    try {
      rows = database.read("reading what other nodes have changed", this::rows);
    } catch (DatabaseException e) {
      if (!failed) {
        log.warn("What other nodes change is not known until the database answers again", e);
      }
      failed = true;
      return false;
    }
    List<Change> changes = new ArrayList<>();
    for (Row row : rows) {
      if (row.change() != null) {
        changes.add(row.change());
      }
    }
    boolean missed = snapshot == null || failed || begun - heardAt > STALE.toNanos();
    snapshot = rows.get(0).snapshot();
    if (missed || changes.size() > MOST) {
      all.run();
    } else if (!changes.isEmpty()) {
      changed.accept(changes);
    }
    if (failed) {
      log.info("What other nodes change is known again");
    }
    heardAt = begun;
    hasRead = true;
    failed = false;
    return true;
  }

  private List<Row> rows(Session session) throws SQLException {
    String before = snapshot;
    if (before == null) {
      return session.list(
          "SELECT CAST(pg_current_snapshot() AS TEXT)", row -> new Row(row.getString(1), null));
    }
    return session.list(
        READ,
        row -> {
          String kind = row.getString(2);
          return new Row(
              row.getString(1), kind == null ? null : new Change(kind, row.getString(3)));
        },
        before,
        node,
        before,
        MOST + 1);
  }

  /**
   * How old the last look at what the others have changed is; empty before the first. What is
   * younger may not be known here yet.
   */
  public Optional<Duration> lag() {
    return hasRead
        ? Optional.of(Duration.ofNanos(Math.max(0, nanoTime.getAsLong() - heardAt)))
        : Optional.empty();
  }

  /** Deletes changes that every node has read, or forgotten all for. */
  public void prune() {
    int unused =
        database.write(
            "deleting old changes",
            session ->
                session.update(
                    "DELETE FROM change WHERE at < clock_timestamp() - INTERVAL '" + KEPT + "'"));
  }

  /** Also while the database has failed: then it cannot tell more, for as long as that counts. */
  @Override
  public boolean isCurrent() {
    long age = nanoTime.getAsLong() - heardAt;
    return age < STALE.toNanos() || (failed && age < outage.toNanos());
  }

  @Override
  public boolean countsInOutage() {
    return nanoTime.getAsLong() - heardAt < outage.toNanos();
  }
}
