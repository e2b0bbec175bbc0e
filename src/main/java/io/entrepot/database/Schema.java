package io.entrepot.database;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * The tables of one component, made by numbered migrations that run once each, in order.
 *
 * <p>A migration is a resource of SQL statements that both H2 and PostgreSQL take, each ended by a
 * semicolon at the end of a line. H2 commits every definition by itself, so that a statement may
 * run again after a crash: it must say {@code IF NOT EXISTS} or the like.
 *
 * <p>A migration with the line {@code -- lives with: 9} leaves tables that a program can use which
 * knows nine migrations. Without it, only programs that know the migration can.
 *
 * @param component names the migrations in the table {@code schema_version}, such as {@code
 *     catalog}
 * @param migrations absolute names of resources; the first leads to version 1, and so on
 */
public record Schema(String component, List<String> migrations) {
  private static final String VERSIONS =
      """
      CREATE TABLE IF NOT EXISTS schema_version (
        component VARCHAR(40) NOT NULL,
        version INTEGER NOT NULL,
        applied_at BIGINT NOT NULL,
        PRIMARY KEY (component, version)
      )
      """;

  /** Programs before this column could live with no later tables. */
  private static final String OLDEST =
      "ALTER TABLE schema_version ADD COLUMN IF NOT EXISTS oldest INTEGER";

  /** In a migration, behind this: the oldest version of a program that can use what it makes. */
  private static final String LIVES_WITH = "-- lives with: ";

  public Schema {
    migrations = List.copyOf(migrations);
  }

  /**
   * The tables of a component that a database has.
   *
   * @param version how many migrations have made them
   * @param oldest a program must know so many of them to use the tables
   */
  public record Present(String component, int version, int oldest) {}

  /** The tables that a database has, by the names of their components. */
  public static List<Present> present(Database database) {
    return database.read(
        "reading the schema versions",
        session ->
            session.list(
                """
                SELECT component, MAX(version), MAX(COALESCE(oldest, version))
                FROM schema_version GROUP BY component ORDER BY component
                """,
                row -> new Present(row.getString(1), row.getInt(2), row.getInt(3))));
  }

  /**
   * Runs the migrations that this database has not seen.
   *
   * @param clock dates them
   * @throws DatabaseException where one fails, or as {@link #check}
   */
  public void migrate(DataSource dataSource, Clock clock) {
    int present = check(dataSource);
    for (int version = present + 1; version <= migrations.size(); version++) {
      apply(new Database(dataSource), version, clock);
    }
  }

  /**
   * Looks whether this program can use the tables. Tables of a later version may allow it, so that
   * nodes of both versions can run side by side.
   *
   * @return how many migrations have made them
   * @throws DatabaseException where it cannot
   */
  public int check(DataSource dataSource) {
    Present present =
        new Database(dataSource)
            .write(
                "reading the schema version of " + component,
                session -> {
                  session.migrateAlone();
                  return present(session);
                });
    if (present.oldest() > migrations.size()) {
      throw new DatabaseException(
          "the tables of %s have version %d, which needs a program that knows %d; this one knows %d; start a later version of Entrepot"
              .formatted(component, present.version(), present.oldest(), migrations.size()));
    }
    return present.version();
  }

  private Present present(Session session) throws SQLException {
    session.define(VERSIONS);
    session.define(OLDEST);
    return session
        .find(
            """
            SELECT COALESCE(MAX(version), 0), COALESCE(MAX(COALESCE(oldest, version)), 0)
            FROM schema_version WHERE component = ?
            """,
            row -> new Present(component, row.getInt(1), row.getInt(2)),
            component)
        .orElseThrow();
  }

  private void apply(Database database, int version, Clock clock) {
    database.write(
        "migrating " + component + " to schema version " + version,
        session -> {
          session.migrateAlone();
          if (present(session).version() >= version) {
            return 0; // another node was faster
          }
          String text = load(migrations.get(version - 1));
          for (String sql : statements(session.dialect(), text)) {
            session.define(sql);
          }
          return session.update(
              """
              INSERT INTO schema_version (component, version, applied_at, oldest)
              VALUES (?, ?, ?, ?)
              """,
              component,
              version,
              clock.millis(),
              oldest(text).orElse(version));
        });
  }

  private static Optional<Integer> oldest(String text) {
    return text.lines()
        .filter(line -> line.startsWith(LIVES_WITH))
        .map(line -> Integer.valueOf(line.substring(LIVES_WITH.length())))
        .findFirst();
  }

  private static List<String> statements(Dialect dialect, String text) {
    StringBuilder statement = new StringBuilder();
    List<String> statements = new ArrayList<>();
    for (String line : text.lines().toList()) {
      if (line.startsWith("--")) {
        continue;
      }
      statement.append(line.replace("${ascii}", dialect.bytewiseCollation())).append('\n');
      if (line.endsWith(";")) {
        statement.setLength(statement.length() - 2);
        statements.add(statement.toString());
        statement.setLength(0);
      }
    }
    return statements;
  }

  private static String load(String resource) {
    try (InputStream in = Schema.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("no resource " + resource);
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new IllegalStateException("resource " + resource + " cannot be read", e);
    }
  }
}
