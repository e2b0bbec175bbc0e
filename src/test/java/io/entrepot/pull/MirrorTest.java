package io.entrepot.pull;

import static io.entrepot.pull.TagBench.text;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A whole cache whose upstream has a mirror: what clients get when one or both fail. */
@Timeout(60)
class MirrorTest {
  private static final String TAG = "/v2/team/app/manifests/v1";

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final FakeRegistry upstream = FakeRegistry.start();
  private final FakeRegistry mirror = FakeRegistry.start();
  private final byte[] bytes = BlobBench.random(3_000_000);
  private final Digest blob = upstream.putBlob("team/app", bytes);
  private final String path = "/v2/team/app/blobs/" + blob;
  private TestServer server;

  @BeforeEach
  void start() {
    mirror.putBlob("team/app", bytes);
    for (FakeRegistry registry : List.of(upstream, mirror)) {
      registry.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    }
    server = start(builder -> builder);
  }

  private TestServer start(UnaryOperator<TestServer.Builder> changes) {
    return changes
        .apply(
            new TestServer.Builder(folder, upstream.uri())
                .clock(clock)
                .set("proxy.ttl", "0")
                .set("proxy.mirrors", mirror.uri().toString())
                .set("proxy.breaker.failures", "1")
                .set("proxy.breaker.rest", "1h")
                .set("proxy.breaker.maxrest", "1h"))
        .start();
  }

  private void awaitWarmUp() {
    await().until(() -> !upstream.requests().isEmpty());
    upstream.clearRequests();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
    mirror.close();
  }

  @Test
  void mirrorTakesOverInTheMiddleOfABlobAndTheClientSeesNothing() throws Exception {
    Gate gate = upstream.hold(blob, 1_000_000);
    CompletableFuture<HttpResponse<byte[]>> client = Background.supply(() -> server.get(path));
    gate.awaitReached();
    upstream.close();
    HttpResponse<byte[]> whole = client.get(30, TimeUnit.SECONDS);
    assertThat(whole.statusCode()).isEqualTo(200);
    assertThat(whole.body()).isEqualTo(bytes);
    assertThat(mirror.blobGets(blob))
        .singleElement()
        .satisfies(
            get -> {
              assertThat(get.header("Range")).matches("bytes=\\d+-");
              String from = get.header("Range").replaceAll("\\D", "");
              assertThat(Long.parseLong(from)).isBetween(1L, 1_000_000L);
            });
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    mirror.clearRequests();
    assertThat(server.get(path).body()).isEqualTo(bytes);
    assertThat(mirror.requests()).isEmpty();
  }

  @Test
  void mirrorIsNotAskedWhileTheUpstreamAnswers() {
    awaitWarmUp();
    assertThat(server.get(TAG).statusCode()).isEqualTo(200);
    assertThat(server.get(path).body()).isEqualTo(bytes);
    assertThat(mirror.requests()).isEmpty();
  }

  @Test
  void upstreamWithAnOpenBreakerGetsNoRequest() {
    awaitWarmUp();
    upstream.inject(r -> true, Fault.status(503));
    assertThat(server.get(TAG).body()).isEqualTo(TagBench.manifest("one"));
    assertThat(upstream.requests()).hasSize(1);
    assertThat(server.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests()).hasSize(1);
    assertThat(mirror.blobGets(blob)).hasSize(1);
    assertThat(text(server.get("/api/explain?reference=team/app:v1")))
        .contains("\"reachable\":true")
        .contains(upstream.uri() + "/\",\"breaker\":\"open\"")
        .contains(mirror.uri() + "/\",\"breaker\":\"closed\"");
  }

  @Test
  void staleTagsAreServedWithTheirAgeWhileBothBreakersAreOpen() {
    awaitWarmUp();
    assertThat(server.get(TAG).statusCode()).isEqualTo(200);
    upstream.inject(r -> true, Fault.status(503));
    mirror.inject(r -> true, Fault.status(503));
    clock.advance(Duration.ofMinutes(5));
    assertThat(server.get(TAG).statusCode()).isEqualTo(200);
    upstream.clearRequests();
    mirror.clearRequests();
    clock.advance(Duration.ofMinutes(5));
    HttpResponse<byte[]> stale = server.get(TAG);
    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(stale.body()).isEqualTo(TagBench.manifest("one"));
    assertThat(stale.headers().firstValue("Age")).hasValue("600");
    assertThat(stale.headers().firstValue("Warning"))
        .hasValue("110 entrepot \"Response is Stale\"");
    assertThat(stale.headers().firstValue("Cache-Status")).hasValue("entrepot; hit; detail=stale");
    HttpResponse<byte[]> absent = server.get(path);
    assertThat(absent.statusCode()).isEqualTo(502);
    assertThat(text(absent)).contains("UNAVAILABLE", "the upstream cannot be reached, or fails");
    assertThat(upstream.requests()).isEmpty();
    assertThat(mirror.requests()).isEmpty();
  }

  @Test
  void mirrorThatRefusesDoesNotEndWhatIsServedStale() {
    awaitWarmUp();
    assertThat(server.get(TAG).statusCode()).isEqualTo(200);
    upstream.inject(r -> true, Fault.status(503));
    mirror.inject(r -> true, Fault.status(401));
    for (int i = 0; i < 2; i++) {
      HttpResponse<byte[]> stale = server.get(TAG);
      assertThat(stale.statusCode()).isEqualTo(200);
      assertThat(stale.headers().firstValue("Warning")).isPresent();
    }
    assertThat(server.get(path).statusCode()).isEqualTo(502);
  }

  @Test
  void offlineUpstreamHasNoMirrorEither() {
    assertThat(server.get(TAG).statusCode()).isEqualTo(200);
    server.close();
    upstream.clearRequests();
    mirror.clearRequests();
    server = start(builder -> builder.set("proxy.offline", "true"));
    HttpResponse<byte[]> stale = server.get(TAG);
    assertThat(stale.body()).isEqualTo(TagBench.manifest("one"));
    assertThat(stale.headers().firstValue("Warning")).isPresent();
    assertThat(server.get(path).statusCode()).isEqualTo(504);
    assertThat(upstream.requests()).isEmpty();
    assertThat(mirror.requests()).isEmpty();
  }

  @Test
  void whatTheUpstreamDoesNotHaveIsNotSoughtAtItsMirror() {
    awaitWarmUp();
    mirror.putManifest("team/app", "v2", TagBench.IMAGE, TagBench.manifest("two"));
    assertThat(server.get("/v2/team/app/manifests/v2").statusCode()).isEqualTo(404);
    assertThat(mirror.requests(Recorded.manifest("v2"))).isEmpty();
  }
}
