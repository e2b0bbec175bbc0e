package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.Gate;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The limit of requests that one client may have at once (S14). */
class OneClientTest {
  private static final String OTHER = "192.0.2.7";

  @TempDir Path folder;
  private BlobBench bench;
  private Gate gate;
  private CompletableFuture<HttpResponse<byte[]>> underWay;

  @BeforeEach
  void start() throws Exception {
    bench = new BlobBench(folder);
    bench.restart(
        builder -> builder.set("http.maxperclient", "1").set("http.trustedproxies", "127.0.0.1"));
    gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    underWay = bench.getLater();
    gate.awaitReached();
  }

  @AfterEach
  void stop() {
    gate.release();
    bench.close();
  }

  @Test
  void clientAtItsLimitGetsTooManyRequests() throws Exception {
    bench.upstream.clearRequests();
    HttpResponse<byte[]> refused = bench.get();
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(new String(refused.body(), UTF_8)).contains("\"code\":\"TOOMANYREQUESTS\"");
    assertThat(bench.server().get("/v2/").statusCode()).isEqualTo(429);
    assertThat(bench.upstream.requests()).isEmpty();

    gate.release();
    bench.assertWhole(underWay.get(60, TimeUnit.SECONDS));
    await().until(() -> bench.server().get("/v2/").statusCode() == 200);
    bench.assertWhole(bench.get());
  }

  @Test
  void otherClientsAreNotMeant() throws Exception {
    assertThat(bench.server().get("/v2/", "X-Forwarded-For", OTHER).statusCode()).isEqualTo(200);
    assertThat(bench.server().get("/api/health").statusCode()).isEqualTo(200);
    CompletableFuture<HttpResponse<byte[]>> joined =
        Background.supply(() -> bench.get("X-Forwarded-For", OTHER));
    gate.release();
    bench.assertWhole(joined.get(60, TimeUnit.SECONDS));
  }

  @Test
  void failedRequestIsNoLongerCounted() {
    gate.release();
    for (int i = 0; i < 5; i++) {
      await().until(() -> bench.server().get("/v2/team/app/blobs/none").statusCode() == 400);
      await().until(() -> bench.server().get("/v2/team/app/manifests/none").statusCode() == 404);
    }
  }
}
