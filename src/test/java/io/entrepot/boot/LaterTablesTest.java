package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.fixture.Postgres;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A node on the tables of a later version. */
class LaterTablesTest {
  private static final String LATER =
      "INSERT INTO schema_version (component, version, applied_at, oldest) VALUES ('%s', 99, 0,"
          + " %d)";

  @TempDir Path folder;
  private String url;

  @BeforeEach
  void newDatabase() throws Exception {
    String jdbc = Postgres.newDatabase();
    url = jdbc.substring(0, jdbc.indexOf('?'));
    Path secret =
        Files.createFile(
            folder.resolve("secret"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(secret, "s".repeat(32));
    node("first").wire().close();
  }

  private TestServer.Builder node(String name) {
    return new TestServer.Builder(folder.resolve(name), URI.create("http://127.0.0.1:1"))
        .set("database.url", url)
        .set("database.username", "postgres")
        .set("cluster.address", "http://" + name + ":5001")
        .set("cluster.node", name)
        .set("cluster.insecure", "true")
        .set("cluster.secretfile", folder.resolve("secret").toString());
  }

  private void execute(String sql) throws SQLException {
    try (Connection connection = Postgres.connect(url);
        Statement statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }

  /** How many rows each table has. */
  private List<String> rows() throws SQLException {
    try (Connection connection = Postgres.connect(url);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                """
                SELECT table_name, (xpath('/row/c/text()', query_to_xml(
                  format('SELECT COUNT(*) AS c FROM %I', table_name), FALSE, TRUE, '')))[1]::text
                FROM information_schema.tables WHERE table_schema = 'public' ORDER BY table_name
                """)) {
      List<String> counts = new ArrayList<>();
      while (rows.next()) {
        counts.add(rows.getString(1) + " " + rows.getString(2));
      }
      return counts;
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"catalog", "expiry", "cluster"})
  void nodeThatIsTooOldIsRefusedBySentenceAndWritesNothing(String component) throws Exception {
    execute(LATER.formatted(component, 99));
    List<String> before = rows();

    assertThatThrownBy(node("second")::wire)
        .isInstanceOf(StartException.class)
        .hasMessageStartingWith(
            "database.url: the tables of "
                + component
                + " have version 99, which needs a program that knows 99; this one knows ");
    assertThat(rows()).isEqualTo(before).contains("node 0");
  }

  @Test
  void nodeThatTheTablesAllowStartsAndLeavesTheirVersion() throws Exception {
    for (String component : List.of("catalog", "expiry", "cluster")) {
      execute(LATER.formatted(component, 1));
    }
    List<String> before = rows();

    node("second").wire().close();

    assertThat(rows()).filteredOn(row -> row.startsWith("schema_version")).isSubsetOf(before);
  }
}
