package io.entrepot.pull;

import static io.entrepot.pull.TagBench.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole cache that limits its requests to the upstream: after a 429, by limits of requests, and
 * by bandwidth.
 */
@Timeout(120)
class CapsTest {
  private static final int CLIENTS = 1_000;

  @TempDir Path folder;
  private FakeRegistry upstream;
  private TestServer server;

  @BeforeEach
  void open() {
    upstream = FakeRegistry.start();
  }

  @AfterEach
  void close() {
    server.close();
    upstream.close();
  }

  private static boolean isBlobGet(Recorded request) {
    return request.method().equals("GET") && request.path().contains("/blobs/");
  }

  private TestServer.Builder builder() {
    return new TestServer.Builder(folder, upstream.uri()).set("http.maxperclient", "0");
  }

  private void start(TestServer.Builder builder) {
    server = builder.start();
    await().until(() -> !upstream.requests().isEmpty());
    upstream.clearRequests();
  }

  private CompletableFuture<HttpResponse<byte[]>> getLater(String path) {
    return server
        .client()
        .sendAsync(
            HttpRequest.newBuilder(server.uri(path)).timeout(Duration.ofSeconds(60)).build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  /** Many clients, each with a pull of another tag. */
  private List<HttpResponse<byte[]>> herd() {
    List<CompletableFuture<HttpResponse<byte[]>>> clients =
        IntStream.range(0, CLIENTS)
            .mapToObj(i -> getLater("/v2/team/app/manifests/v" + i))
            .toList();
    return clients.stream().map(CompletableFuture::join).toList();
  }

  private static void assertThrottled(List<HttpResponse<byte[]>> responses) {
    assertThat(responses)
        .hasSize(CLIENTS)
        .allSatisfy(
            response -> {
              assertThat(response.statusCode()).isEqualTo(429);
              assertThat(text(response)).contains("TOOMANYREQUESTS");
              assertThat(response.headers().firstValueAsLong("Retry-After").orElse(0)).isPositive();
            });
  }

  /** F12. */
  @Test
  void thousandClientsAfterA429CostNothingAndThenOneProbe() {
    start(builder());
    upstream.inject(r -> true, Fault.throttled("2"), 1);
    assertThat(server.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(429);
    upstream.clearRequests();
    upstream.inject(r -> true, Fault.throttled("600"));
    await().until(() -> server.stats().contains("\"breaker\":\"half_open\""));
    assertThat(upstream.requests()).isEmpty();
    assertThrottled(herd());
    assertThat(upstream.requests()).hasSize(1);
    assertThrottled(herd());
    assertThat(upstream.requests()).hasSize(1);
  }

  /** A limit like that of Docker Hub, with a window of six hours. */
  @Test
  void whatTheUpstreamSaysOfItsLimitIsShown() {
    start(builder().set("proxy.ratelimit.maxrest", "1d"));
    upstream.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    upstream.inject(r -> true, Fault.header("RateLimit-Limit", "100;w=21600"));
    upstream.inject(r -> true, Fault.header("RateLimit-Remaining", "76;w=21600"));
    upstream.inject(r -> true, Fault.header("Docker-RateLimit-Source", "192.0.2.7"));
    assertThat(server.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(server.stats())
        .contains("\"restSeconds\":0")
        .contains("\"limit\":100,\"remaining\":76,\"source\":\"192.0.2.7\"");
    String tag = "{upstream=\"" + upstream.uri().getAuthority() + "\"";
    assertThat(text(server.get("/metrics")))
        .contains("entrepot_upstream_ratelimit_remaining" + tag + "} 76.0")
        .contains("entrepot_upstream_ratelimit_limit" + tag + "} 100.0")
        .containsPattern("entrepot_upstream_ratelimit_source\\{.*source=\"192.0.2.7\".*} 1.0")
        .contains("entrepot_upstream_rest_seconds" + tag + "} 0.0");
    upstream.clearFaults();
    upstream.inject(r -> true, Fault.throttled("21600"), 1);
    assertThat(server.get("/v2/team/app/manifests/v2").statusCode()).isEqualTo(429);
    assertThat(server.stats())
        .containsPattern("\"breaker\":\"open\",\"restSeconds\":21[56]\\d\\d,");
    assertThat(text(server.get("/metrics")))
        .containsPattern("entrepot_upstream_rest_seconds\\{.*} 21[56]\\d\\d\\.");
  }

  @Test
  void belowTheThresholdOnlyWhatIsNotHereIsAskedFor() {
    start(builder().set("proxy.ratelimit.scarce", "50"));
    upstream.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    upstream.putManifest("team/app", "v2", TagBench.IMAGE, TagBench.manifest("two"));
    upstream.inject(r -> true, Fault.header("RateLimit-Limit", "100;w=21600"));
    upstream.inject(r -> true, Fault.header("RateLimit-Remaining", "40;w=21600"));
    assertThat(server.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(server.stats()).contains("\"scarce\":true");
    upstream.clearRequests();
    assertThat(server.get("/v2/team/app/manifests/v1").headers().firstValue("Cache-Status"))
        .hasValueSatisfying(status -> assertThat(status).endsWith("detail=scarce"));
    assertThat(upstream.requests()).isEmpty();
    assertThat(server.get("/v2/team/app/manifests/v2").statusCode()).isEqualTo(200);
    assertThat(upstream.requests()).isNotEmpty();
  }

  @Test
  void moreBlobsThanTheCapWaitForTheirTurn() throws Exception {
    start(builder().set("proxy.maxrequests", "2"));
    Gate gate = new Gate();
    upstream.inject(CapsTest::isBlobGet, Fault.gate(gate, 1_000));
    List<CompletableFuture<HttpResponse<byte[]>>> clients = pullBlobs(6);
    await().until(() -> upstream.requests(CapsTest::isBlobGet).size() == 2);
    await()
        .during(Duration.ofMillis(500))
        .until(() -> upstream.requests(CapsTest::isBlobGet).size() == 2);
    gate.release();
    for (CompletableFuture<HttpResponse<byte[]>> client : clients) {
      assertThat(client.get(30, TimeUnit.SECONDS).body()).hasSize(100_000);
    }
    assertThat(upstream.requests(CapsTest::isBlobGet)).hasSize(6);
  }

  private List<CompletableFuture<HttpResponse<byte[]>>> pullBlobs(int count) {
    List<CompletableFuture<HttpResponse<byte[]>>> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      byte[] bytes = BlobBench.random(100_000);
      bytes[0] = (byte) i;
      clients.add(getLater("/v2/team/app/blobs/" + upstream.putBlob("team/app", bytes)));
    }
    return clients;
  }

  @Test
  void tagIsAnsweredWhileAllFillsAreBusyUnderACapThatLeavesRoom() throws Exception {
    start(builder().set("proxy.maxfills", "2").set("proxy.maxrequests", "3"));
    upstream.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    Gate gate = new Gate();
    upstream.inject(CapsTest::isBlobGet, Fault.gate(gate, 1_000));
    List<CompletableFuture<HttpResponse<byte[]>>> clients = pullBlobs(4);
    await().until(() -> upstream.requests(CapsTest::isBlobGet).size() == 2);
    assertThat(server.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(200);
    gate.release();
    for (CompletableFuture<HttpResponse<byte[]>> client : clients) {
      assertThat(client.get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void callThatGetsNoTurnInTimeIsToldToComeAgain() throws Exception {
    start(builder().set("proxy.maxrequests", "1").set("proxy.responsetimeout", "1s"));
    Gate gate = new Gate();
    upstream.inject(CapsTest::isBlobGet, Fault.gate(gate, 1_000));
    List<CompletableFuture<HttpResponse<byte[]>>> clients = pullBlobs(1);
    await().until(() -> upstream.requests(CapsTest::isBlobGet).size() == 1);
    HttpResponse<byte[]> busy = server.get("/v2/team/app/manifests/v1");
    assertThat(busy.statusCode()).isEqualTo(503);
    assertThat(text(busy)).contains("UNAVAILABLE", "which is the limit");
    assertThat(busy.headers().firstValue("Retry-After")).hasValue("1");
    gate.release();
    assertThat(clients.get(0).get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
  }

  /** There are eight threads for requests; a slow upstream gets six of them. */
  @Test
  void slowUpstreamLeavesThreadsForQuestionsToAnother() throws Exception {
    try (FakeRegistry lab = FakeRegistry.start()) {
      start(
          builder()
              .set("proxy.maxfills", "1")
              .set("proxy.maxconnections", "9")
              .set("http.draintimeout", "0s")
              .set("upstreams.names", "lab")
              .set("upstreams.lab.url", lab.uri().toString()));
      await().until(() -> !lab.requests().isEmpty());
      lab.clearRequests();
      upstream.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
      lab.inject(r -> true, Fault.slowHead(Duration.ofSeconds(25)));
      List<CompletableFuture<HttpResponse<byte[]>>> clients =
          IntStream.range(0, 12)
              .mapToObj(i -> getLater("/v2/lab/team/app/manifests/v" + i))
              .toList();
      await().until(() -> lab.requests().size() == 6);
      assertThat(server.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(200);
      assertThat(clients).noneMatch(CompletableFuture::isDone);
      assertThat(lab.requests()).hasSize(6);
    }
  }

  /** There are four threads for fills; a slow upstream gets three of them. */
  @Test
  void slowUpstreamLeavesThreadsForBlobsOfAnother() throws Exception {
    try (FakeRegistry lab = FakeRegistry.start()) {
      start(
          builder()
              .set("proxy.maxfills", "4")
              .set("upstreams.names", "lab")
              .set("upstreams.lab.url", lab.uri().toString()));
      byte[] bytes = BlobBench.random(100_000);
      Digest blob = lab.putBlob("team/app", bytes);
      Gate gate = new Gate();
      upstream.inject(CapsTest::isBlobGet, Fault.gate(gate, 1_000));
      List<CompletableFuture<HttpResponse<byte[]>>> clients = pullBlobs(6);
      await().until(() -> upstream.requests(CapsTest::isBlobGet).size() == 3);
      assertThat(server.get("/v2/lab/team/app/blobs/" + blob).body()).isEqualTo(bytes);
      assertThat(upstream.requests(CapsTest::isBlobGet)).hasSize(3);
      gate.release();
      for (CompletableFuture<HttpResponse<byte[]>> client : clients) {
        assertThat(client.get(30, TimeUnit.SECONDS).body()).hasSize(100_000);
      }
    }
  }

  @Test
  void capOfAllUpstreamsHoldsTwoOfThemTogether() throws Exception {
    try (FakeRegistry lab = FakeRegistry.start()) {
      start(
          builder()
              .set("limits.maxrequests", "1")
              .set("upstreams.names", "lab")
              .set("upstreams.lab.url", lab.uri().toString()));
      await().until(() -> !lab.requests().isEmpty());
      byte[] bytes = BlobBench.random(200_000);
      Digest blob = lab.putBlob("team/app", bytes);
      Gate gate = new Gate();
      upstream.inject(CapsTest::isBlobGet, Fault.gate(gate, 1_000));
      List<CompletableFuture<HttpResponse<byte[]>>> clients = pullBlobs(1);
      await().until(() -> upstream.requests(CapsTest::isBlobGet).size() == 1);
      CompletableFuture<HttpResponse<byte[]>> other = getLater("/v2/lab/team/app/blobs/" + blob);
      await().during(Duration.ofMillis(500)).until(() -> lab.blobGets(blob).isEmpty());
      gate.release();
      assertThat(other.get(30, TimeUnit.SECONDS).body()).isEqualTo(bytes);
      assertThat(clients.get(0).get(30, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
    }
  }

  @Test
  void bandwidthOfAllUpstreamsHoldsTwoOfThemTogether() throws Exception {
    try (FakeRegistry lab = FakeRegistry.start()) {
      start(
          builder()
              .set("limits.bandwidth", "1MB")
              .set("upstreams.names", "lab")
              .set("upstreams.lab.url", lab.uri().toString()));
      byte[] one = BlobBench.random(1_000_000);
      byte[] other = BlobBench.random(1_000_001);
      String path = "/v2/team/app/blobs/" + upstream.putBlob("team/app", one);
      String labs = "/v2/lab/team/app/blobs/" + lab.putBlob("team/app", other);
      long begun = System.nanoTime();
      CompletableFuture<HttpResponse<byte[]>> first = getLater(path);
      CompletableFuture<HttpResponse<byte[]>> second = getLater(labs);
      assertThat(first.get(30, TimeUnit.SECONDS).body()).isEqualTo(one);
      assertThat(second.get(30, TimeUnit.SECONDS).body()).isEqualTo(other);
      assertThat(Duration.ofNanos(System.nanoTime() - begun))
          .isGreaterThan(Duration.ofMillis(1_700));
    }
  }

  @Test
  void blobsComeNoFasterThanTheBandwidthAllows() {
    start(builder().set("proxy.bandwidth", "1MB"));
    byte[] bytes = BlobBench.random(2_000_000);
    String path = "/v2/team/app/blobs/" + upstream.putBlob("team/app", bytes);
    long begun = System.nanoTime();
    assertThat(server.get(path).body()).isEqualTo(bytes);
    assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(Duration.ofMillis(1_700));
  }

  /** At this bandwidth these bytes would take half an hour. */
  @Test
  void storedBlobIsServedAtFullSpeed() {
    start(builder());
    byte[] bytes = BlobBench.random(2_000_000);
    String path = "/v2/team/app/blobs/" + upstream.putBlob("team/app", bytes);
    assertThat(server.get(path).body()).isEqualTo(bytes);
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    server.close();
    start(builder().set("proxy.bandwidth", "1KB"));
    assertThat(server.get(path).body()).isEqualTo(bytes);
  }
}
