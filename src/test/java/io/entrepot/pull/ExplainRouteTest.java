package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.TestClock;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Set;
import java.util.TreeSet;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The routes that {@code /api/explain} shows with two upstreams. Neither upstream is asked. */
class ExplainRouteTest {
  @TempDir Path folder;
  private FakeRegistry upstream;
  private FakeRegistry lab;
  private TestServer server;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    lab = FakeRegistry.start();
    server = builder(folder).start();
    await().until(() -> !upstream.requests().isEmpty() && !lab.requests().isEmpty());
    upstream.clearRequests();
    lab.clearRequests();
  }

  private TestServer.Builder builder(Path where) {
    return new TestServer.Builder(where, upstream.uri())
        .set("proxy.name", "hub.example")
        .set("upstreams.names", "lab.example")
        .set("upstreams.lab.example.url", lab.uri().toString())
        .set("upstreams.lab.example.hosts", "lab.cache.example")
        .set("upstreams.lab.example.deny", "evil/*");
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
    lab.close();
  }

  private JsonNode explain(String query) {
    try {
      return new ObjectMapper().readTree(server.get("/api/explain?reference=" + query).body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @ParameterizedTest
  @CsvSource({
    "team/app, hub.example, default, team/app, team/app",
    "hub.example/team/app, hub.example, path, team/app, team/app",
    "lab.example/team/app, lab.example, path, lab.example/team/app, team/app",
    "team/app&ns=lab.example, lab.example, namespace, lab.example/team/app, team/app",
    "team/app&host=lab.cache.example, lab.example, host, lab.example/team/app, team/app",
    "lab.cache.example:443/team/app:1, lab.example, host, lab.example/team/app, team/app",
    "LAB/team/app, hub.example, namespace, team/app, team/app",
  })
  void wayIsTold(String query, String name, String way, String repository, String remote) {
    JsonNode explanation = explain(query.replace("LAB", upstream.uri().getAuthority()));
    assertThat(explanation.at("/route/upstream").asText()).isEqualTo(name);
    assertThat(explanation.at("/route/way").asText()).isEqualTo(way);
    assertThat(explanation.at("/route/repository").asText()).isEqualTo(repository);
    assertThat(explanation.at("/route/remote").asText()).isEqualTo(remote);
    assertThat(upstream.requests()).isEmpty();
    assertThat(lab.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({"team/app&ns=quay.io, quay.io", "localhost:5000/app, localhost:5000"})
  void unknownUpstreamIsTold(String query, String named) {
    JsonNode explanation = explain(query);
    assertThat(explanation.get("sentence").asText())
        .contains(
            "NAME_UNKNOWN: \""
                + named
                + "\" is not an upstream of this cache; its upstreams are hub");
    assertThat(explanation.get("route").isNull()).isTrue();
    assertThat(explanation.at("/cost/requests").asInt()).isZero();
  }

  @Test
  void denialIsToldWithItsRule() {
    JsonNode explanation = explain("lab.example/evil/app");
    assertThat(explanation.get("admission").toString())
        .isEqualTo("{\"allowed\":false,\"refusal\":\"its deny list has evil/*\"}");
    assertThat(explanation.get("sentence").asText())
        .isEqualTo(
            "lab.example/evil/app:latest may not be pulled from lab.example: its deny list has"
                + " evil/*.");
    assertThat(explanation.get("cache").isNull()).isTrue();
  }

  @Test
  void sampleInTheDocsHasTheFieldsOfAnAnswer() throws IOException {
    lab.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    server.get("/v2/lab.example/team/app/manifests/v1");
    String docs = Files.readString(Path.of("docs/upstreams.md"));
    String sample = docs.substring(docs.indexOf("```json\n") + 8);
    JsonNode documented = new ObjectMapper().readTree(sample.substring(0, sample.indexOf("```")));
    assertThat(fields(documented)).isEqualTo(fields(explain("lab.example/team/app:v1")));
  }

  /** The paths of all fields. For lists, the paths of the first element. */
  private static Set<String> fields(JsonNode node) {
    Set<String> paths = new TreeSet<>();
    node.properties()
        .forEach(
            field -> {
              JsonNode value =
                  field.getValue().isArray() ? field.getValue().path(0) : field.getValue();
              paths.add(field.getKey());
              fields(value).forEach(path -> paths.add(field.getKey() + "." + path));
            });
    return paths;
  }

  @Test
  void explainingIsNoUse() throws SQLException {
    lab.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    JdbcDataSource database = new JdbcDataSource();
    database.setURL("jdbc:h2:mem:explain;DB_CLOSE_DELAY=-1");
    TestClock clock = new TestClock();
    String pull = "/v2/lab.example/team/app/manifests/v1";
    String explain = "/api/explain?reference=lab.example/team/app:v1";
    assertThat(asked(pull, database, clock)).contains("one");
    long used = lastUsed(database);
    clock.advance(Duration.ofHours(1));
    assertThat(asked(explain, database, clock)).contains("\"state\":\"stale\"");
    assertThat(lastUsed(database)).isEqualTo(used);
    assertThat(asked(pull, database, clock)).contains("one");
    assertThat(lastUsed(database)).isGreaterThan(used);
  }

  /** The answer of a new cache. It writes the uses to the database when it is closed. */
  private String asked(String path, JdbcDataSource database, TestClock clock) {
    try (TestServer other =
        builder(folder.resolve("other")).database(database).clock(clock).start()) {
      return new String(other.get(path).body(), UTF_8);
    }
  }

  private static long lastUsed(JdbcDataSource database) throws SQLException {
    try (Connection connection = database.getConnection();
        Statement statement = connection.createStatement();
        ResultSet row = statement.executeQuery("SELECT MAX(last_used) FROM link")) {
      assertThat(row.next()).isTrue();
      return row.getLong(1);
    }
  }
}
