package io.entrepot.database;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import javax.sql.DataSource;

/**
 * The tables of one component, made by numbered migrations that run once each, in order.
 *
 * <p>A migration is a resource of SQL statements that both H2 and PostgreSQL take, each ended by a
 * semicolon at the end of a line. H2 commits every definition by itself, so that a statement may
 * run again after a crash: it must say {@code IF NOT EXISTS} or the like.
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

  public Schema {
    migrations = List.copyOf(migrations);
  }

  /**
   * Runs the migrations that this database has not seen.
   *
   * @param clock dates them
   * @throws DatabaseException where one fails, or where the tables are of a later version than this
   *     program knows
   */
  public void migrate(DataSource dataSource, Clock clock) {
    Database database = new Database(dataSource);
    int present =
        database.write(
            "reading the schema version of " + component,
            session -> {
              session.migrateAlone();
              return version(session);
            });
    if (present > migrations.size()) {
      throw new DatabaseException(
          "the tables of "
              + component
              + " have version "
              + present
              + ", but this program knows only "
              + migrations.size()
              + "; a later program made them");
    }
    for (int version = present + 1; version <= migrations.size(); version++) {
      apply(database, version, clock);
    }
  }

  private int version(Session session) throws SQLException {
    session.define(VERSIONS);
    return session
        .find(
            "SELECT MAX(version) FROM schema_version WHERE component = ?",
            row -> row.getInt(1),
            component)
        .orElse(0);
  }

  private void apply(Database database, int version, Clock clock) {
    database.write(
        "migrating " + component + " to schema version " + version,
        session -> {
          session.migrateAlone();
          if (version(session) >= version) {
            return 0; // another node was faster
          }
          for (String sql : statements(session.dialect(), migrations.get(version - 1))) {
            session.define(sql);
          }
          return session.update(
              "INSERT INTO schema_version VALUES (?, ?, ?)", component, version, clock.millis());
        });
  }

  private static List<String> statements(Dialect dialect, String resource) {
    StringBuilder statement = new StringBuilder();
    List<String> statements = new ArrayList<>();
    for (String line : load(resource).lines().toList()) {
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
