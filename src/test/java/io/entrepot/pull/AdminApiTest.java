package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What {@code /api} tells of settings and of fills, and its errors. */
class AdminApiTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int SIZE = 3_000_000;

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.username", "me")
            .set("proxy.password", "canary")
            .set("upstreams.names", "lab")
            .set("upstreams.lab.url", "https://lab.example")
            .set("upstreams.lab.mirrors", "https://mirror.example/a")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static JsonNode json(String path) throws IOException {
    HttpResponse<byte[]> answer = server.get(path);
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(200);
    return JSON.readTree(answer.body());
  }

  private static String setting(String key) throws IOException {
    for (JsonNode setting : json("/api/config").get("settings")) {
      if (setting.get("key").asText().equals(key)) {
        return setting.get("value").asText() + " | " + setting.get("source").asText();
      }
    }
    return "";
  }

  @Test
  void settingsHaveTheirSources() throws IOException {
    assertThat(setting("proxy.remoteurl"))
        .isEqualTo(upstream.uri() + " | system property entrepot.proxy.remoteurl");
    assertThat(setting("proxy.password"))
        .isEqualTo("*** | system property entrepot.proxy.password");
    assertThat(setting("storage.unlinkgrace")).endsWith(" | default");
    assertThat(setting("upstreams.lab.url"))
        .isEqualTo("https://lab.example | system property entrepot.upstreams.lab.url");
    assertThat(setting("upstreams.lab.ttl")).as("taken over from the default").isEmpty();
    assertThat(new String(server.get("/api/config").body(), UTF_8)).doesNotContain("canary");
  }

  @Test
  void fillIsListedWhileItRuns() throws Exception {
    assertThat(json("/api/fills").toString()).isEqualTo("{\"fills\":[]}");
    byte[] bytes = BlobBench.random(SIZE);
    Digest blob = upstream.putBlob("team/app", bytes);
    Gate gate = upstream.hold(blob, SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> pull =
        Background.supply(() -> server.get("/v2/team/app/blobs/" + blob));
    await().until(() -> json("/api/fills").at("/fills/0/bytesHere").asLong() > SIZE / 2 - 100_000);

    JsonNode fill = json("/api/fills").at("/fills/0");
    gate.release();

    assertThat(fill.get("digest").asText()).isEqualTo(blob.toString());
    assertThat(fill.get("repository").asText()).isEqualTo("team/app");
    assertThat(fill.get("upstream").asText()).isEqualTo("127.0.0.1");
    assertThat(fill.get("size").asLong()).isEqualTo(SIZE);
    assertThat(fill.get("readers").asInt()).isEqualTo(1);
    assertThat(fill.get("bytesPerSecond").asLong()).isPositive();
    assertThat(fill.get("secondsLeft").isNumber()).isTrue();
    assertThat(pull.get(30, TimeUnit.SECONDS).body()).isEqualTo(bytes);
  }

  @Test
  void wrongMethodIsRefusedWithThoseThatAreAllowed() throws IOException {
    HttpResponse<byte[]> answer = server.send("POST", "/api/config");
    assertThat(answer.statusCode()).isEqualTo(405);
    assertThat(answer.headers().firstValue("Allow").orElse("")).contains("GET", "HEAD");
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    JsonNode problem = JSON.readTree(answer.body());
    assertThat(problem.get("status").asInt()).isEqualTo(405);
    assertThat(problem.get("title").asText()).isEqualTo("Method Not Allowed");
  }
}
