package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Content;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs, from a client through a whole cache to an upstream that records what it is asked. */
class BlobPullTest {
  private static final int SIZE = 3_000_000;

  @TempDir Path folder;
  private final byte[] bytes = random(SIZE);
  private FakeRegistry upstream;
  private TestServer server;
  private Digest blob;
  private String path;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    blob = upstream.putBlob("team/app", bytes);
    path = "/v2/team/app/blobs/" + blob;
    server = builder().start();
  }

  private TestServer.Builder builder() {
    return new TestServer.Builder(folder, upstream.uri());
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void coldBlobCostsOneGetAndWarmBlobNothing() {
    HttpResponse<byte[]> cold = server.get(path);
    assertWhole(cold);
    assertThat(cacheStatus(cold)).isEqualTo("entrepot; fwd=miss; stored; detail=miss");
    awaitIdle();
    assertThat(upstream.blobGets(blob)).hasSize(1);
    upstream.clearRequests();
    HttpResponse<byte[]> warm = server.get(path);
    assertWhole(warm);
    assertThat(cacheStatus(warm)).isEqualTo("entrepot; hit; detail=hit");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void warmBlobIsWholeWithoutSendfileToo() {
    server.close();
    server = builder().withoutSendfile().start();
    assertWhole(server.get(path));
    awaitIdle();
    assertWhole(server.get(path));
    assertThat(upstream.blobGets(blob)).hasSize(1);
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
                return server.get(path);
              }));
    }
    for (Future<HttpResponse<byte[]>> response : responses) {
      assertWhole(response.get(60, TimeUnit.SECONDS));
    }
    clients.shutdown();
    assertThat(upstream.blobGets(blob)).hasSize(1);
    assertThat(upstream.requests(r -> !r.path().equals("/v2/"))).hasSize(1);
  }

  @Test
  void lateJoinerReadsFromTheFirstByteWhileTheFillIsHeld() throws Exception {
    Gate gate = upstream.hold(blob, SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> leader = getLater();
    gate.awaitReached();
    HttpResponse<InputStream> joiner =
        server.client().send(request(), HttpResponse.BodyHandlers.ofInputStream());
    assertThat(joiner.headers().firstValue("Cache-Status"))
        .hasValue("entrepot; fwd=miss; collapsed; detail=joined");
    InputStream body = joiner.body();
    assertThat(body.readNBytes(SIZE / 4)).isEqualTo(Arrays.copyOf(bytes, SIZE / 4));
    gate.release();
    assertThat(body.readAllBytes()).isEqualTo(Arrays.copyOfRange(bytes, SIZE / 4, SIZE));
    assertWhole(leader.get(10, TimeUnit.SECONDS));
    assertThat(upstream.blobGets(blob)).hasSize(1);
  }

  @Test
  void firstClientThatLeavesTakesNothingFromTheOthers() throws Exception {
    Gate gate = upstream.hold(blob, SIZE / 2);
    HttpResponse<InputStream> first =
        server.client().send(request(), HttpResponse.BodyHandlers.ofInputStream());
    gate.awaitReached();
    CompletableFuture<HttpResponse<byte[]>> second = getLater();
    first.body().close();
    gate.release();
    assertWhole(second.get(10, TimeUnit.SECONDS));
    assertThat(upstream.blobGets(blob)).hasSize(1);
  }

  @Test
  void fillGoesOnWhenNobodyIsLeft() throws Exception {
    Gate gate = upstream.hold(blob, SIZE / 2);
    HttpResponse<InputStream> only =
        server.client().send(request(), HttpResponse.BodyHandlers.ofInputStream());
    gate.awaitReached();
    only.body().close();
    gate.release();
    awaitIdle();
    upstream.clearRequests();
    assertWhole(server.get(path));
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void wrongDigestReachesNobodyWholeAndIsNotKept() throws Exception {
    upstream.inject(Recorded.blobGet(blob), Fault.corrupt(SIZE - 1), 1);
    assertThatThrownBy(() -> server.get(path)).isInstanceOf(UncheckedIOException.class);
    assertThat(files("blobs")).isEmpty();
    awaitIdle();
    assertThat(files("spool")).isEmpty();
    upstream.clearRequests();
    assertWhole(server.get(path));
    assertThat(upstream.blobGets(blob)).hasSize(1);
  }

  @Test
  void wrongFirstByteOfASmallBlobIsACleanError() throws Exception {
    Digest small = upstream.putBlob("team/app", random(1000));
    upstream.inject(Recorded.blobGet(small), Fault.corrupt(0), 1);
    HttpResponse<byte[]> response = server.get("/v2/team/app/blobs/" + small);
    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(new String(response.body(), UTF_8))
        .contains("\"UNAVAILABLE\"")
        .contains(small.toString());
    assertThat(server.get("/v2/team/app/blobs/" + small).statusCode()).isEqualTo(200);
  }

  @Test
  void brokenTransferIsResumedUnseen() {
    upstream.inject(Recorded.blobGet(blob), Fault.resetAfter(SIZE / 3), 2);
    assertWhole(server.get(path));
    List<Recorded> gets = upstream.blobGets(blob);
    assertThat(gets).hasSizeBetween(2, 3);
    assertThat(gets.get(1).header("Range")).startsWith("bytes=").endsWith("-");
  }

  @Test
  void fillsBeyondTheLimitWaitForTheirTurn() throws Exception {
    server.close();
    server = builder().set("proxy.maxfills", "1").start();
    Digest second = upstream.putBlob("team/app", random(100_000));
    Gate gate = upstream.hold(blob, SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> first = getLater();
    gate.awaitReached();
    CompletableFuture<HttpResponse<byte[]>> waiting =
        CompletableFuture.supplyAsync(() -> server.get("/v2/team/app/blobs/" + second));
    await().until(() -> server.stats().contains("\"fillsInFlight\":2"));
    assertThat(upstream.blobGets(second)).isEmpty();
    gate.release();
    assertWhole(first.get(10, TimeUnit.SECONDS));
    assertThat(waiting.get(10, TimeUnit.SECONDS).body()).isEqualTo(random(100_000));
  }

  @Test
  void headDownloadsNothing() {
    HttpResponse<byte[]> cold = server.head(path);
    assertThat(cold.statusCode()).isEqualTo(200);
    assertThat(cold.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
    assertThat(upstream.blobGets(blob)).isEmpty();
    server.get(path);
    awaitIdle();
    upstream.clearRequests();
    assertThat(server.head(path).headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void rangesOfAStoredBlobAreExact() {
    server.get(path);
    awaitIdle();
    assertRange(server.get(path, "Range", "bytes=100-199"), 100, 199);
    assertRange(server.get(path, "Range", "bytes=2000000-"), 2_000_000, SIZE - 1);
    assertRange(server.get(path, "Range", "bytes=-5"), SIZE - 5, SIZE - 1);
    assertWhole(server.get(path, "Range", "bytes=0-1,5-6"));
    assertWhole(server.get(path, "Range", "bytes=0-1", "If-Range", "\"other\""));
    HttpResponse<byte[]> beyond = server.get(path, "Range", "bytes=3000000-");
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(beyond.headers().firstValue("Content-Range")).hasValue("bytes */3000000");
  }

  @Test
  void rangeOfAColdBlobIsServedFromTheFill() {
    assertRange(server.get(path, "Range", "bytes=1000000-1999999"), 1_000_000, 1_999_999);
    assertThat(upstream.blobGets(blob)).hasSize(1);
  }

  @Test
  void rangeFarAheadDoesNotWaitForTheFill() throws Exception {
    Digest large = upstream.putGeneratedBlob(20 << 20, 7);
    Gate gate = upstream.hold(large, 1 << 20);
    String largePath = "/v2/team/app/blobs/" + large;
    CompletableFuture<HttpResponse<byte[]>> leader =
        CompletableFuture.supplyAsync(() -> server.get(largePath));
    gate.awaitReached();
    upstream.clearFaults();
    HttpResponse<byte[]> ahead = server.get(largePath, "Range", "bytes=20000000-20000999");
    assertThat(ahead.statusCode()).isEqualTo(206);
    gate.release();
    byte[] whole = leader.get(20, TimeUnit.SECONDS).body();
    assertThat(ahead.body()).isEqualTo(Arrays.copyOfRange(whole, 20_000_000, 20_001_000));
    assertThat(upstream.blobGets(large)).hasSize(2);
  }

  @Test
  void clientThatHasItGetsNotModified() {
    String etag = '"' + blob.toString() + '"';
    assertThat(server.get(path, "If-None-Match", etag).statusCode()).isEqualTo(304);
    assertThat(upstream.blobGets(blob)).isEmpty();
    server.get(path);
    awaitIdle();
    HttpResponse<byte[]> warm = server.get(path, "If-None-Match", etag);
    assertThat(warm.statusCode()).isEqualTo(304);
    assertThat(warm.headers().firstValue("ETag")).hasValue(etag);
  }

  @Test
  void sha512BlobIsPulledAndKept() {
    Digest sha512 = upstream.putBlob("team/app", Algorithm.SHA512, Content.of(random(5000)));
    assertThat(server.get("/v2/team/app/blobs/" + sha512).statusCode()).isEqualTo(200);
    upstream.clearRequests();
    assertThat(server.get("/v2/team/app/blobs/" + sha512).body()).isEqualTo(random(5000));
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void emptyBlobIsPulledAndKept() {
    Digest empty = upstream.putBlob("team/app", new byte[0]);
    HttpResponse<byte[]> response = server.get("/v2/team/app/blobs/" + empty);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    awaitIdle();
    upstream.clearRequests();
    assertThat(server.get("/v2/team/app/blobs/" + empty).statusCode()).isEqualTo(200);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void otherRepositoryNeedsTheUpstreamsWordButNoDownload() {
    server.get(path);
    awaitIdle();
    upstream.clearRequests();
    HttpResponse<byte[]> stranger = server.get("/v2/other/app/blobs/" + blob);
    assertThat(stranger.statusCode()).isEqualTo(404);
    upstream.putBlob("other/app", bytes);
    HttpResponse<byte[]> friend = server.get("/v2/other/app/blobs/" + blob);
    assertWhole(friend);
    assertThat(cacheStatus(friend)).contains("detail=revalidated");
    assertThat(upstream.blobGets(blob)).isEmpty();
    upstream.clearRequests();
    assertWhole(server.get("/v2/other/app/blobs/" + blob));
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void strangerDoesNotJoinAFillInProgress() throws Exception {
    Gate gate = upstream.hold(blob, SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> leader = getLater();
    gate.awaitReached();
    assertThat(server.get("/v2/other/app/blobs/" + blob).statusCode()).isEqualTo(404);
    gate.release();
    assertWhole(leader.get(10, TimeUnit.SECONDS));
    assertThat(upstream.blobGets(blob)).hasSize(1);
  }

  @Test
  void blobThatTheDiskDoesNotTakeIsServedAllTheSame() {
    server.close();
    server = builder().set("storage.reserve", "1000TiB").start();
    assertWhole(server.get(path));
    assertWhole(server.get(path));
    assertThat(upstream.blobGets(blob)).hasSize(2);
    assertThat(new String(server.get("/api/health").body(), UTF_8))
        .contains("\"storage\"")
        .contains("no room");
  }

  @Test
  void unknownBlobIsUnknown() {
    Digest unknown = Digest.ofBytes(Algorithm.SHA256, random(1));
    HttpResponse<byte[]> response = server.get("/v2/team/app/blobs/" + unknown);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(new String(response.body(), UTF_8)).contains("\"BLOB_UNKNOWN\"");
  }

  private CompletableFuture<HttpResponse<byte[]>> getLater() {
    return CompletableFuture.supplyAsync(() -> server.get(path));
  }

  private HttpRequest request() {
    return HttpRequest.newBuilder(server.uri(path)).build();
  }

  /** A fill leaves the in-flight map after its clients have their last byte. */
  private void awaitIdle() {
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
  }

  private List<Path> files(String below) throws Exception {
    try (Stream<Path> all = Files.walk(folder.resolve("data").resolve(below))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  private void assertWhole(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
    assertThat(response.headers().firstValue("Docker-Content-Digest")).hasValue(blob.toString());
    assertThat(response.body()).isEqualTo(bytes);
  }

  private void assertRange(HttpResponse<byte[]> response, int first, int last) {
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.headers().firstValue("Content-Range"))
        .hasValue("bytes " + first + "-" + last + "/" + SIZE);
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(bytes, first, last + 1));
  }

  private static String cacheStatus(HttpResponse<?> response) {
    return response.headers().firstValue("Cache-Status").orElse("");
  }

  private static byte[] random(int size) {
    byte[] random = new byte[size];
    new Random(size).nextBytes(random);
    return random;
  }
}
