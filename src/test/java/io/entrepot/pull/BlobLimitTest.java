package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Blobs that are larger than the limit of their upstream. */
class BlobLimitTest {
  private static final int LIMIT = 1_000_000;

  @TempDir Path folder;
  private BlobBench bench;

  @BeforeEach
  void open() {
    bench = new BlobBench(folder);
    limit(LIMIT);
  }

  private void limit(long bytes) {
    URI samePlace = URI.create("http://localhost:" + bench.upstream.uri().getPort());
    bench.restart(
        builder ->
            builder
                .set("proxy.maxblobsize", String.valueOf(bytes))
                .set("upstreams.names", "other")
                .set("upstreams.other.url", samePlace.toString())
                .set("upstreams.other.maxblobsize", "0"));
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void blobWhoseSizeIsKnownIsRefusedBeforeItsFirstByte() throws IOException {
    Gate never = bench.upstream.hold(bench.blob, 0);
    assertRefused(bench.get());
    assertRefused(bench.get("Range", "bytes=0-9"));
    assertRefused(bench.get("Range", "bytes=2900000-"));
    never.release();
    assertNothingIsKept();
  }

  @Test
  void headIsRefusedToo() {
    assertThat(bench.server().head(bench.path).statusCode()).isEqualTo(403);
    assertThat(bench.upstream.requests(Recorded.blob(bench.blob))).hasSize(1);
  }

  @Test
  void fillOfUnknownSizeStopsAtTheLimit() throws IOException {
    bench.upstream.inject(Recorded.blobGet(bench.blob), Fault.chunked());
    bench.upstream.inject(Recorded.blobGet(bench.blob), Fault.gate(new Gate(), LIMIT + 200_000));
    assertRefused(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
    assertNothingIsKept();
  }

  @Test
  void blobOfTheLimitsSizeIsServed() {
    limit(BlobBench.SIZE);
    bench.assertWhole(bench.get());
  }

  @Test
  void blobThatIsHereForItsRepositoryIsServed() {
    limit(0);
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    limit(LIMIT);
    bench.assertWhole(bench.get());
    assertThat(bench.server().head(bench.path).statusCode()).isEqualTo(200);
  }

  @Test
  void bytesThatAreHereForAnotherRepositoryAreRefused() {
    bench.upstream.putBlob("app", bench.bytes);
    String other = "/v2/other/app/blobs/" + bench.blob;
    bench.assertWhole(bench.server().get(other));
    bench.awaitIdle();
    assertRefused(bench.get());
    assertThat(bench.server().head(bench.path).statusCode()).isEqualTo(403);
    bench.assertWhole(bench.server().get(other));
  }

  private void assertRefused(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(TagBench.text(response))
        .contains("DENIED", bench.blob.toString(), String.valueOf(LIMIT), "team/app");
  }

  private void assertNothingIsKept() throws IOException {
    bench.awaitIdle();
    assertThat(bench.server().stats()).contains("\"blobs\":0");
    await().untilAsserted(() -> assertThat(bench.files("blobs")).isEmpty());
    assertThat(bench.files("spool")).isEmpty();
  }
}
