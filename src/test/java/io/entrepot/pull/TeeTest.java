package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import java.io.InputStream;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that share a fill (F15, F16), each with its own permission (S6). */
class TeeTest {
  @TempDir Path folder;
  private BlobBench bench;

  @BeforeEach
  void start() {
    bench = new BlobBench(folder);
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  @Test
  void hundredClientsOnAColdBlobCostOneGet() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(100);
    CyclicBarrier together = new CyclicBarrier(100);
    List<Future<HttpResponse<byte[]>>> responses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      responses.add(
          clients.submit(
              () -> {
                together.await();
                return bench.get();
              }));
    }
    for (Future<HttpResponse<byte[]>> response : responses) {
      bench.assertWhole(response.get(60, TimeUnit.SECONDS));
    }
    clients.shutdown();
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
    assertThat(bench.upstream.requests(r -> !r.path().equals("/v2/"))).hasSize(1);
  }

  @Test
  void lateJoinerReadsFromTheFirstByteWhileTheFillIsHeld() throws Exception {
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> leader = bench.getLater();
    gate.awaitReached();
    HttpResponse<InputStream> joiner =
        bench.server().client().send(bench.request(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(joiner.headers().firstValue("Cache-Status"))
        .hasValue("entrepot; fwd=miss; collapsed; detail=joined");
    InputStream body = joiner.body();
    assertThat(body.readNBytes(BlobBench.SIZE / 4))
        .isEqualTo(Arrays.copyOf(bench.bytes, BlobBench.SIZE / 4));
    gate.release();
    assertThat(body.readAllBytes())
        .isEqualTo(Arrays.copyOfRange(bench.bytes, BlobBench.SIZE / 4, BlobBench.SIZE));
    bench.assertWhole(leader.get(60, TimeUnit.SECONDS));
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void firstClientThatLeavesTakesNothingFromTheOthers() throws Exception {
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    HttpResponse<InputStream> first =
        bench.server().client().send(bench.request(), HttpResponse.BodyHandlers.ofInputStream());
    gate.awaitReached();
    CompletableFuture<HttpResponse<byte[]>> second = bench.getLater();
    first.body().close();
    gate.release();
    bench.assertWhole(second.get(60, TimeUnit.SECONDS));
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void fillGoesOnWhenNobodyIsLeft() throws Exception {
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    HttpResponse<InputStream> only =
        bench.server().client().send(bench.request(), HttpResponse.BodyHandlers.ofInputStream());
    gate.awaitReached();
    only.body().close();
    gate.release();
    bench.awaitIdle();
    bench.upstream.clearRequests();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void strangerDoesNotJoinAFillInProgress() throws Exception {
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> leader = bench.getLater();
    gate.awaitReached();
    assertThat(bench.server().get("/v2/other/app/blobs/" + bench.blob).statusCode()).isEqualTo(404);
    gate.release();
    bench.assertWhole(leader.get(60, TimeUnit.SECONDS));
    assertThat(bench.upstream.blobGets(bench.blob))
        .extracting(r -> r.path() + " " + r.header("Range"))
        .containsExactlyInAnyOrder(
            bench.path + " null", "/v2/other/app/blobs/" + bench.blob + " bytes=0-0");
  }

  @Test
  void rangeFarAheadDoesNotWaitForTheFill() throws Exception {
    Digest large = bench.upstream.putGeneratedBlob(20 << 20, 7);
    Gate gate = bench.upstream.hold(large, 1 << 20);
    String largePath = "/v2/team/app/blobs/" + large;
    CompletableFuture<HttpResponse<byte[]>> leader =
        Background.supply(() -> bench.server().get(largePath));
    gate.awaitReached();
    bench.upstream.clearFaults();
    HttpResponse<byte[]> ahead = bench.server().get(largePath, "Range", "bytes=20000000-20000999");
    assertThat(ahead.statusCode()).isEqualTo(206);
    gate.release();
    byte[] whole = leader.get(60, TimeUnit.SECONDS).body();
    assertThat(ahead.body()).isEqualTo(Arrays.copyOfRange(whole, 20_000_000, 20_001_000));
    assertThat(bench.upstream.blobGets(large))
        .extracting(get -> String.valueOf(get.header("Range")))
        .containsExactly("null", "bytes=20000000-20000999", "bytes=20001000-20971519");
  }

  @Test
  void fillsBeyondTheLimitWaitForTheirTurn() throws Exception {
    bench.restart(builder -> builder.set("proxy.maxfills", "1"));
    Digest second = bench.upstream.putBlob("team/app", BlobBench.random(100_000));
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> first = bench.getLater();
    gate.awaitReached();
    CompletableFuture<HttpResponse<byte[]>> waiting =
        Background.supply(() -> bench.server().get("/v2/team/app/blobs/" + second));
    await().until(() -> bench.server().stats().contains("\"fillsInFlight\":2"));
    assertThat(bench.upstream.blobGets(second)).isEmpty();
    gate.release();
    bench.assertWhole(first.get(60, TimeUnit.SECONDS));
    assertThat(waiting.get(60, TimeUnit.SECONDS).body()).isEqualTo(BlobBench.random(100_000));
  }
}
