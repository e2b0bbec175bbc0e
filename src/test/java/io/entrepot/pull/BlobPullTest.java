package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Pulls of blobs through a whole cache, from an upstream that records its requests (F9, S5, S15).
 */
class BlobPullTest {
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
  void coldBlobCostsOneGetAndWarmBlobNothing() {
    HttpResponse<byte[]> cold = bench.get();
    bench.assertWhole(cold);
    assertThat(cacheStatus(cold)).isEqualTo("entrepot; fwd=miss; stored; detail=miss");
    bench.awaitIdle();
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
    bench.upstream.clearRequests();
    HttpResponse<byte[]> warm = bench.get();
    bench.assertWhole(warm);
    assertThat(cacheStatus(warm)).isEqualTo("entrepot; hit; detail=hit");
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void warmBlobIsWholeWithoutSendfileToo() {
    bench.restart(TestServer.Builder::withoutSendfile);
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void wrongDigestReachesNobodyWholeAndIsNotKept() throws Exception {
    bench.upstream.inject(Recorded.blobGet(bench.blob), Fault.corrupt(BlobBench.SIZE - 1), 1);
    // So slow that the response has begun before the wrong byte is found.
    bench.upstream.inject(Recorded.blobGet(bench.blob), Fault.throttle(6_000_000), 1);
    assertThatThrownBy(() -> bench.get()).isInstanceOf(UncheckedIOException.class);
    assertThat(bench.files("blobs")).isEmpty();
    bench.awaitIdle();
    assertThat(bench.files("spool")).isEmpty();
    bench.upstream.clearRequests();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void wrongFirstByteOfASmallBlobIsACleanError() throws Exception {
    Digest small = bench.upstream.putBlob("team/app", BlobBench.random(1000));
    bench.upstream.inject(Recorded.blobGet(small), Fault.corrupt(0), 1);
    HttpResponse<byte[]> response = bench.server().get("/v2/team/app/blobs/" + small);
    assertThat(response.statusCode()).isEqualTo(502);
    assertThat(new String(response.body(), UTF_8))
        .contains("\"UNAVAILABLE\"")
        .contains(small.toString());
    assertThat(bench.server().get("/v2/team/app/blobs/" + small).statusCode()).isEqualTo(200);
  }

  @Test
  void brokenTransferIsResumedUnseen() {
    bench.upstream.inject(Recorded.blobGet(bench.blob), Fault.resetAfter(BlobBench.SIZE / 3), 2);
    bench.assertWhole(bench.get());
    List<Recorded> gets = bench.upstream.blobGets(bench.blob);
    assertThat(gets).hasSizeBetween(2, 3);
    assertThat(gets.get(1).header("Range")).startsWith("bytes=").endsWith("-");
  }

  @Test
  void storedBlobThatHasLostBytesIsFetchedAgain() throws Exception {
    bench.get();
    bench.awaitIdle();
    Files.write(bench.files("blobs").get(0), new byte[0]);
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
    bench.awaitIdle();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
  }

  @Test
  void headDownloadsNothing() {
    HttpResponse<byte[]> cold = bench.server().head(bench.path);
    assertThat(cold.statusCode()).isEqualTo(200);
    assertThat(cold.headers().firstValueAsLong("Content-Length")).hasValue(BlobBench.SIZE);
    assertThat(bench.upstream.blobGets(bench.blob)).isEmpty();
    bench.get();
    bench.awaitIdle();
    bench.upstream.clearRequests();
    assertThat(bench.server().head(bench.path).headers().firstValueAsLong("Content-Length"))
        .hasValue(BlobBench.SIZE);
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void rangesOfAStoredBlobAreExact() {
    bench.get();
    bench.awaitIdle();
    bench.assertRange(bench.get("Range", "bytes=100-199"), 100, 199);
    bench.assertRange(bench.get("Range", "bytes=2000000-"), 2_000_000, BlobBench.SIZE - 1);
    bench.assertRange(bench.get("Range", "bytes=-5"), BlobBench.SIZE - 5, BlobBench.SIZE - 1);
    bench.assertWhole(bench.get("Range", "bytes=0-1,5-6"));
    bench.assertWhole(bench.get("Range", "bytes=0-1", "If-Range", "\"other\""));
    HttpResponse<byte[]> beyond = bench.get("Range", "bytes=3000000-");
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(beyond.headers().firstValue("Content-Range")).hasValue("bytes */3000000");
  }

  @Test
  void rangeOfAColdBlobIsServedFromTheFill() {
    bench.assertRange(bench.get("Range", "bytes=1000000-1999999"), 1_000_000, 1_999_999);
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void clientThatHasItGetsNotModified() {
    String etag = '"' + bench.blob.toString() + '"';
    assertThat(bench.get("If-None-Match", etag).statusCode()).isEqualTo(304);
    assertThat(bench.upstream.blobGets(bench.blob)).isEmpty();
    bench.get();
    bench.awaitIdle();
    HttpResponse<byte[]> warm = bench.get("If-None-Match", etag);
    assertThat(warm.statusCode()).isEqualTo(304);
    assertThat(warm.headers().firstValue("ETag")).hasValue(etag);
  }

  @Test
  void sha512BlobIsPulledAndKept() {
    Digest sha512 =
        bench.upstream.putBlob("team/app", Algorithm.SHA512, Content.of(BlobBench.random(5000)));
    assertThat(bench.server().get("/v2/team/app/blobs/" + sha512).statusCode()).isEqualTo(200);
    bench.upstream.clearRequests();
    assertThat(bench.server().get("/v2/team/app/blobs/" + sha512).body())
        .isEqualTo(BlobBench.random(5000));
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void emptyBlobIsPulledAndKept() {
    Digest empty = bench.upstream.putBlob("team/app", new byte[0]);
    HttpResponse<byte[]> response = bench.server().get("/v2/team/app/blobs/" + empty);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEmpty();
    bench.awaitIdle();
    bench.upstream.clearRequests();
    assertThat(bench.server().get("/v2/team/app/blobs/" + empty).statusCode()).isEqualTo(200);
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void otherRepositoryNeedsTheUpstreamsWordButNoDownload() {
    bench.restart(builder -> builder.set("proxy.negative", "0s"));
    bench.get();
    bench.awaitIdle();
    bench.upstream.clearRequests();
    HttpResponse<byte[]> stranger = bench.server().get("/v2/other/app/blobs/" + bench.blob);
    assertThat(stranger.statusCode()).isEqualTo(404);
    assertThat(bench.upstream.blobGets(bench.blob))
        .extracting(r -> r.header("Range"))
        .containsExactly("bytes=0-0");
    bench.upstream.clearRequests();
    bench.upstream.putBlob("other/app", bench.bytes);
    HttpResponse<byte[]> friend = bench.server().get("/v2/other/app/blobs/" + bench.blob);
    bench.assertWhole(friend);
    assertThat(cacheStatus(friend)).isEqualTo("entrepot; fwd=miss; detail=revalidated");
    assertThat(bench.upstream.blobGets(bench.blob)).isEmpty();
    bench.upstream.clearRequests();
    bench.assertWhole(bench.server().get("/v2/other/app/blobs/" + bench.blob));
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void otherRepositoryGetsABlobWhoseSizeTheUpstreamDoesNotTell() {
    bench.upstream.putBlob("other/app", bench.bytes);
    bench.upstream.withoutRanges();
    bench.upstream.inject(Recorded.blob(bench.blob), Fault.chunked());
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    bench.upstream.clearRequests();

    bench.assertWhole(bench.server().get("/v2/other/app/blobs/" + bench.blob));

    assertThat(bench.upstream.blobGets(bench.blob))
        .extracting(r -> r.header("Range"))
        .containsExactly("bytes=0-0", null);
    bench.awaitIdle();
    bench.upstream.clearRequests();
    bench.assertWhole(bench.server().get("/v2/other/app/blobs/" + bench.blob));
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void otherRepositoryGetsABlobWithoutASizeWhileItIsFetched() {
    bench.upstream.putBlob("other/app", bench.bytes);
    bench.upstream.withoutRanges();
    bench.upstream.inject(Recorded.blobGet(bench.blob), Fault.throttle(1_500_000), 1);
    bench.upstream.inject(Recorded.blob(bench.blob), Fault.chunked());
    CompletableFuture<Void> first = Background.run(() -> bench.assertWhole(bench.get()));
    await().until(() -> !bench.upstream.blobGets(bench.blob).isEmpty());

    bench.assertWhole(bench.server().get("/v2/other/app/blobs/" + bench.blob));

    first.join();
    bench.awaitIdle();
    bench.upstream.clearRequests();
    bench.assertWhole(bench.server().get("/v2/other/app/blobs/" + bench.blob));
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void blobThatTheDiskDoesNotTakeIsServedAllTheSame() {
    bench.restart(builder -> builder.set("storage.reserve", "1000TiB"));
    bench.assertWhole(bench.get());
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(2);
    assertThat(new String(bench.server().get("/api/health").body(), UTF_8))
        .contains("\"storage\"")
        .contains("no room");
  }

  @Test
  void unknownBlobIsUnknown() {
    Digest unknown = Digest.ofBytes(Algorithm.SHA256, BlobBench.random(1));
    HttpResponse<byte[]> response = bench.server().get("/v2/team/app/blobs/" + unknown);
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(new String(response.body(), UTF_8)).contains("\"BLOB_UNKNOWN\"");
  }

  private static String cacheStatus(HttpResponse<?> response) {
    return response.headers().firstValue("Cache-Status").orElse("");
  }
}
