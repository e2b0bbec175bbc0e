package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Metrics;
import io.entrepot.fixture.Postgres;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Set;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes with a folder each on one real PostgreSQL. */
@EnabledIfSystemProperty(named = "entrepot.test.database", matches = "postgresql")
class TwoNodesTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static String url;
  private static TestServer a;
  private static TestServer b;

  @BeforeAll
  static void start() throws SQLException, IOException {
    upstream = FakeRegistry.start();
    String jdbc = Postgres.newDatabase();
    url = jdbc.substring(0, jdbc.indexOf('?'));
    secret();
    a = node("a").start();
    b = node("b").start();
  }

  @AfterAll
  static void stop() {
    a.close();
    b.close();
    upstream.close();
  }

  private static void secret() throws IOException {
    Path file =
        Files.createFile(
            folder.resolve("secret"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, "s".repeat(32));
  }

  private static TestServer.Builder node(String name) {
    return new TestServer.Builder(folder.resolve(name), upstream.uri())
        .set("database.url", url)
        .set("database.username", "postgres")
        .set("cluster.address", "http://" + name + ":5001")
        .set("cluster.node", name)
        .set("cluster.insecure", "true")
        .set("cluster.secretfile", folder.resolve("secret").toString())
        .set("storage.unlinkgrace", "0s")
        .set("proxy.revalidate", "1h");
  }

  private static byte[] image(String layer) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + MANIFEST
            + "\",\"layers\":[],\"annotations\":{\"x\":\""
            + layer
            + "\"}}")
        .getBytes(UTF_8);
  }

  private static String digestOf(TestServer node, String path) {
    return node.head(path).headers().firstValue("Docker-Content-Digest").orElse("none");
  }

  @Test
  void linkThatOneNodeMadeCountsOnTheOther() {
    Digest blob = upstream.putBlob("team/linked", BlobBench.random(100_000));
    String path = "/v2/team/linked/blobs/" + blob;
    assertThat(a.get(path).statusCode()).isEqualTo(200);
    await().until(() -> a.stats().contains("\"fillsInFlight\":0"));
    upstream.clearRequests();

    assertThat(b.head(path).headers().firstValue("Content-Length")).hasValue("100000");

    assertThat(upstream.requests(request -> request.path().contains("/team/linked/"))).isEmpty();
    assertThat(blob.matches(b.get(path).body())).isTrue(); // its folder lacks the bytes
  }

  @Test
  void eachNodeTellsOfBothAndWhichOneItIs() throws IOException {
    JsonNode cluster = new ObjectMapper().readTree(a.get("/api/cluster").body());

    assertThat(cluster.get("node").asText()).isEqualTo("a");
    assertThat(cluster.get("nodes").findValuesAsText("name")).containsExactly("a", "b");
    assertThat(cluster.get("nodes").findValuesAsText("up")).containsExactly("true", "true");
    assertThat(cluster.get("nodes").findValuesAsText("self")).containsExactly("true", "false");
    assertThat(cluster.at("/nodes/1/address").asText()).isEqualTo("http://b:5001");
    assertThat(cluster.get("tables").findValuesAsText("component"))
        .containsExactly("catalog", "cluster", "expiry");
    assertThat(cluster.get("changesLagMillis").asLong()).isBetween(0L, 5_000L);
    assertThat(cluster.get("bucket").isNull()).isTrue();
    assertThat(cluster.get("unread")).isEmpty();
    await()
        .untilAsserted(
            () -> {
              Metrics metrics = Metrics.ofText(new String(b.get("/metrics").body(), UTF_8));
              assertThat(metrics.sum("entrepot_cluster_nodes")).isEqualTo(2);
              assertThat(metrics.sum("entrepot_cluster_nodes_down")).isZero();
              assertThat(metrics.sum("entrepot_cluster_changes_lag_seconds")).isBetween(0.0, 5.0);
            });
  }

  @Test
  void beanOfEachNodeNamesThoseThatAreUp() throws Exception {
    MBeanServer jvm = ManagementFactory.getPlatformMBeanServer();
    Set<ObjectName> beans = jvm.queryNames(new ObjectName("io.entrepot:type=Entrepot,*"), null);

    assertThat(beans).hasSize(2);
    for (ObjectName bean : beans) {
      assertThat((String[]) jvm.getAttribute(bean, "NodesUp")).containsExactly("a", "b");
      assertThat((String[]) jvm.getAttribute(bean, "NodesDown")).isEmpty();
    }
  }

  @Test
  void blobThatANodeHasFetchedIsAClaimOfIt() throws IOException {
    Digest blob = upstream.putBlob("team/claimed", BlobBench.random(90_000));
    long before = claims("a");

    assertThat(a.get("/v2/team/claimed/blobs/" + blob).statusCode()).isEqualTo(200);

    assertThat(claims("a")).isEqualTo(before + 1);
  }

  private static long claims(String node) throws IOException {
    int index = node.equals("a") ? 0 : 1;
    return new ObjectMapper()
        .readTree(b.get("/api/cluster").body())
        .at("/nodes/" + index + "/claims")
        .asLong();
  }

  @Test
  void tagThatOneNodeHasResolvedIsNotAskedAboutByTheOther() {
    upstream.putManifest("team/believed", "v1", MANIFEST, image("believed"));
    String path = "/v2/team/believed/manifests/v1";
    assertThat(a.get(path).statusCode()).isEqualTo(200);
    upstream.clearRequests();

    assertThat(b.get(path).statusCode()).isEqualTo(200);

    assertThat(upstream.requests(request -> request.path().equals(path))).isEmpty();
  }

  @Test
  void nodesRestTogetherWhenOneIsAskedToSlowDown() {
    upstream.putManifest("team/busy", "v1", MANIFEST, image("busy"));
    upstream.inject(request -> true, Fault.throttled("2"), 1);
    assertThat(a.head("/v2/team/busy/manifests/v1").statusCode()).isEqualTo(429);
    await().until(() -> text(b, "/api/stats").contains("\"breaker\":\"open\""));
    upstream.clearRequests();

    assertThat(b.head("/v2/team/busy/manifests/v1").statusCode()).isEqualTo(429);

    assertThat(upstream.requests()).isEmpty();
    await().until(() -> b.head("/v2/team/busy/manifests/v1").statusCode() == 200);
    await().until(() -> a.head("/v2/team/busy/manifests/v1").statusCode() == 200);
  }

  @Test
  void upstreamThatAPersonTakesOutAtOneNodeIsOutAtBoth() throws Exception {
    String out = "\"offline\":true";
    assertThat(takeOut(true)).isEqualTo(200);
    await().until(() -> text(b, "/api/stats").contains(out));
    assertThat(takeOut(false)).isEqualTo(200);
    await().until(() -> !text(b, "/api/stats").contains(out));
  }

  private static int takeOut(boolean out) throws IOException, InterruptedException {
    String name = new ObjectMapper().readTree(a.stats()).at("/upstreams/0/name").asText();
    HttpRequest request =
        HttpRequest.newBuilder(a.uri("/api/upstreams/" + name + "/rest"))
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString("{\"offline\":" + out + "}"))
            .build();
    return a.client().send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
  }

  private static String text(TestServer node, String path) {
    return new String(node.get(path).body(), UTF_8);
  }

  @Test
  void purgeOfOneNodeIsKnownOnTheOther() {
    Digest manifest = upstream.putManifest("team/purged", "v1", MANIFEST, image("purged"));
    String path = "/v2/team/purged/manifests/";
    assertThat(a.get(path + "v1").statusCode()).isEqualTo(200);
    assertThat(b.get(path + "v1").statusCode()).isEqualTo(200);
    assertThat(b.get(path + manifest).statusCode()).isEqualTo(200);
    upstream.clearRequests();
    assertThat(b.get(path + manifest).statusCode()).isEqualTo(200);
    assertThat(upstream.requests(request -> true)).isEmpty();

    int purged = a.send("DELETE", "/api/repositories/team/purged").statusCode();

    assertThat(purged).isEqualTo(200);
    await()
        .until(
            () -> {
              b.get(path + manifest);
              return !upstream.requests(r -> r.path().contains("/team/purged/")).isEmpty();
            });
  }

  @Test
  void tagThatOneNodeSawMovingLeadsToTheSameOnTheOther() {
    upstream.putManifest("team/moved", "v1", MANIFEST, image("old"));
    String path = "/v2/team/moved/manifests/v1";
    assertThat(digestOf(a, path)).isEqualTo(digestOf(b, path)).startsWith("sha256:");
    Digest moved = upstream.putManifest("team/moved", "v1", MANIFEST, image("new"));
    assertThat(a.send("DELETE", "/api/repositories/team/moved"))
        .matches(answer -> answer.statusCode() == 200);

    assertThat(digestOf(a, path)).isEqualTo(moved.toString());

    await().until(() -> digestOf(b, path).equals(moved.toString()));
  }
}
