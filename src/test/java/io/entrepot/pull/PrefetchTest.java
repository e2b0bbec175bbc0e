package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.SampleImage;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prefetches by REST: what clients then get without a request to the upstream. */
class PrefetchTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.revalidate", "1h")
            .set("storage.quota", "1GiB")
            .set("proxy.deny", "bad/*")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static HttpResponse<byte[]> post(String body) {
    try {
      return server
          .client()
          .send(
              HttpRequest.newBuilder(server.uri("/api/prefetch"))
                  .header("Content-Type", "application/json")
                  .POST(HttpRequest.BodyPublishers.ofString(body))
                  .build(),
              HttpResponse.BodyHandlers.ofByteArray());
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode json(HttpResponse<byte[]> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static JsonNode job(String at) {
    return json(server.get(at));
  }

  /** Begins a job and waits until it is over. */
  private static JsonNode prefetch(String body) {
    HttpResponse<byte[]> answer = post(body);
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(202);
    String at = answer.headers().firstValue("Location").orElseThrow();
    await().until(() -> !List.of("waiting", "running").contains(job(at).get("state").asText()));
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    return job(at);
  }

  private static void get(String path) {
    assertThat(server.get(path).statusCode()).as(path).isEqualTo(200);
  }

  @Test
  void imageIsPulledWithoutTheUpstreamAfterwards() {
    SampleImage image = SampleImage.in(upstream, "team/app", 1);
    JsonNode job = prefetch("{\"reference\":\"team/app:v3\",\"referrers\":true}");
    assertThat(job.get("state").asText()).as(job.toString()).isEqualTo("done");
    assertThat(job.get("bytes").asLong()).isEqualTo(job.get("bytesHere").asLong()).isPositive();
    upstream.clearRequests();
    get("/v2/team/app/manifests/v3");
    image.manifests().keySet().forEach(digest -> get("/v2/team/app/manifests/" + digest));
    image.blobs().keySet().forEach(digest -> get("/v2/team/app/blobs/" + digest));
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void onlyTheWantedPlatformIsFetchedAndEachBlobOnce() {
    SampleImage image = SampleImage.in(upstream, "team/arm", 2);
    String body = "{\"reference\":\"team/arm:v3\",\"platforms\":[\"linux/arm64\"]}";
    assertThat(prefetch(body).get("state").asText()).isEqualTo("done");
    long fetched =
        image.blobs().keySet().stream().mapToLong(digest -> upstream.blobGets(digest).size()).sum();
    assertThat(fetched).as("a configuration and three layers").isEqualTo(4);
    upstream.clearRequests();
    assertThat(prefetch(body).get("state").asText()).isEqualTo("done");
    assertThat(upstream.requests()).as("all is here").isEmpty();
  }

  @Test
  void whatDoesNotExistEndsWithASentence() {
    SampleImage.in(upstream, "team/other", 3);
    JsonNode none = prefetch("{\"reference\":\"team/none:v1\"}");
    assertThat(none.get("state").asText()).isEqualTo("failed");
    assertThat(none.get("why").asText()).isNotEmpty().doesNotContain("Exception");
    JsonNode other = prefetch("{\"reference\":\"team/other:v3\",\"platforms\":[\"plan9/mips\"]}");
    assertThat(other.get("state").asText()).isEqualTo("failed");
    assertThat(other.get("why").asText()).contains("it is for linux/amd64, linux/arm64");
  }

  @Test
  void whatDoesNotFitIsNotFetched() {
    byte[] manifest =
        ("{\"schemaVersion\":2,\"layers\":[{\"mediaType\":\"a/b\",\"digest\":\"sha256:"
                + "0".repeat(64)
                + "\",\"size\":1000000000000000}]}")
            .getBytes(UTF_8);
    upstream.putManifest("team/huge", "v1", "application/vnd.oci.image.manifest.v1+json", manifest);
    JsonNode job = prefetch("{\"reference\":\"team/huge:v1\"}");
    assertThat(job.get("state").asText()).isEqualTo("failed");
    assertThat(job.get("why").asText())
        .contains("it does not fit: it has 1000000000000000 bytes, and storage.quota is only");
  }

  @Test
  void jobIsCancelled() {
    SampleImage image = SampleImage.in(upstream, "team/held", 4);
    Digest layer = image.blobs().keySet().stream().skip(1).findFirst().orElseThrow();
    Gate gate = upstream.hold(layer, 1_000);
    String at =
        post("{\"reference\":\"team/held:v3\"}").headers().firstValue("Location").orElse("");
    await().until(() -> !upstream.blobGets(layer).isEmpty());
    JsonNode cancelled = json(server.send("DELETE", at));
    assertThat(cancelled.get("state").asText()).isEqualTo("cancelled");
    gate.release();
    assertThat(job("/api/prefetch").get("jobs").findValuesAsText("reference"))
        .containsOnlyOnce("team/held:v3");
    assertThat(server.send("DELETE", at).statusCode()).as("again").isEqualTo(200);
  }

  @Test
  void wrongWishesAreRefused() {
    assertRefused("{\"reference\":\"UPPER/x\"}", 400);
    assertRefused("{\"reference\":\"quay.example:5000/x:1\"}", 404);
    assertRefused("{\"reference\":\"bad/x:1\"}", 403);
    assertRefused("{}", 400);
    assertRefused("{\"reference\":\"a/b\",\"platforms\":[\"linux\"]}", 400);
    assertRefused("{\"reference\":\"a/b\",\"referrers\":\"maybe\"}", 400);
    assertThat(server.get("/api/prefetch/77").statusCode()).isEqualTo(404);
  }

  private void assertRefused(String body, int status) {
    HttpResponse<byte[]> answer = post(body);
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
  }
}
