package io.entrepot.database;

import java.sql.SQLException;
import java.time.Clock;
import java.util.List;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;

/**
 * Tells other nodes what this one changes: a row in the transaction of the change. {@link
 * ChangeFeed} reads them. A single node tells nobody. Immutable.
 */
public final class Changes {
  /** For a single node. */
  public static final Changes NONE = new Changes(null);

  private static final String TELL = "INSERT INTO change (node, kind, changed) VALUES (?, ?, ?)";

  static final Schema SCHEMA =
      new Schema(
          "cluster",
          List.of("/io/entrepot/cluster/schema-1.sql", "/io/entrepot/cluster/schema-2.sql"));

  private final @Nullable String node;

  private Changes(@Nullable String node) {
    this.node = node;
  }

  /**
   * For a node of a cluster, which needs PostgreSQL.
   *
   * @param node its name; it is not told its own changes
   */
  public static Changes of(String node) {
    return new Changes(node);
  }

  /** Makes the tables of a cluster. */
  public static void makeTables(DataSource dataSource, Clock clock) {
    SCHEMA.migrate(dataSource, clock);
  }

  /** Looks whether this program can use the tables, as {@link Schema#check}. */
  public static void checkTables(DataSource dataSource) {
    var unused = SCHEMA.check(dataSource);
  }

  /** Tells one change, when the transaction of the session is committed. */
  public void tell(Session session, String kind, String changed) throws SQLException {
    if (node != null) {
      session.update(TELL, node, kind, changed);
    }
  }

  /** Tells many changes. */
  public void tellAll(Session session, String kind, List<?> changed) throws SQLException {
    String from = node;
    if (from != null) {
      session.updateAll(
          TELL, changed.stream().map(each -> new Object[] {from, kind, each.toString()}).toList());
    }
  }
}
