package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FakeTokenService;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Pulls when the upstream sends faulty replies (F10 to F14), and when it is back (F32). */
class UpstreamFaultTest {
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

  /** F32 */
  @Test
  void endOfAnOutageIsFoundWithinASecondOfAskingAndByNoClient() {
    bench.upstream.inject(request -> true, Fault.status(503));
    for (int i = 0; i < 6; i++) {
      assertThat(bench.server().get("/v2/app/manifests/v" + i).statusCode()).isEqualTo(502);
    }
    bench.upstream.clearFaults();
    bench.upstream.clearRequests();

    await().atMost(Duration.ofSeconds(3)).until(() -> bench.get().statusCode() == 200);

    assertThat(bench.upstream.requests(Recorded.path("/v2/"))).isNotEmpty();
    assertThat(bench.upstream.blobGets(bench.blob)).as("the pull, and no probe").hasSize(1);
  }

  /** S27 */
  @Test
  void listThatTheUpstreamFailsAtStopsNoPull() {
    String list = "/v2/team/app/tags/list";
    bench.upstream.inject(Recorded.path(list), Fault.status(500));
    for (int i = 0; i < 10; i++) {
      assertError(bench.server().get(list + "?last=v" + i), 502, "UNAVAILABLE");
    }
    assertThat(bench.server().get(list + "?last=%00").statusCode()).isEqualTo(400);
    assertThat(bench.upstream.requests(Recorded.path(list))).hasSize(10);

    bench.assertWhole(bench.get());
  }

  @Test
  void silenceBeforeTheHeadIsATimeout() {
    bench.restart(builder -> builder.set("proxy.responsetimeout", "300ms"));
    bench.inject(Fault.slowHead(Duration.ofSeconds(20)), 1);
    assertError(bench.get(), 504, "UNAVAILABLE");
  }

  /**
   * The upstream's headers have announced a length, but no byte has been sent to the client yet.
   */
  @Test
  void silenceAfterTheHeadIsATimeoutThatIsTold() throws IOException {
    bench.restart(builder -> builder.set("proxy.idletimeout", "300ms"));
    bench.inject(Fault.stallAfter(0), FakeRegistry.ALWAYS);
    assertError(bench.get(), 504, "UNAVAILABLE");
    bench.awaitIdle();
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(4);
    assertThat(bench.files("blobs")).isEmpty();
    assertThat(bench.files("spool")).isEmpty();
  }

  @Test
  void blobWithoutALengthIsSpooledFirstAndServedWithOne() {
    bench.inject(Fault.chunked(), 1);
    bench.assertWhole(bench.get());
    bench.assertKept();
  }

  @Test
  void emptyAnswerForABlobThatIsNotEmptyIsAnError() throws IOException {
    bench.inject(Fault.empty(), 1);
    assertError(bench.get(), 502, "UNAVAILABLE");
    assertThat(bench.files("blobs")).isEmpty();
  }

  @Test
  void lengthThatIsTooLargeEndsInAnAbort() throws IOException {
    bench.inject(Fault.declareLength(BlobBench.SIZE + 10), 1);
    assertThatThrownBy(() -> bench.get()).isInstanceOf(UncheckedIOException.class);
    bench.awaitIdle();
    assertThat(bench.files("blobs")).isEmpty();
  }

  @Test
  void sizeThatIsAnotherThanBeforeEndsInAnAbort() throws IOException {
    bench.upstream.withoutRanges();
    bench.inject(Fault.resetAfter(1_000_000), 1);
    bench.upstream.inject(r -> r.header("Range") != null, Fault.declareLength(BlobBench.SIZE + 10));
    assertThatThrownBy(() -> bench.get()).isInstanceOf(UncheckedIOException.class);
    bench.awaitIdle();
    assertThat(bench.upstream.blobGets(bench.blob)).hasSizeGreaterThan(1);
    assertThat(bench.files("blobs")).isEmpty();
    assertThat(bench.files("spool")).isEmpty();
    bench.upstream.clearFaults();
    bench.assertWhole(bench.get());
  }

  /** Of such a small blob no byte is sent before it is verified. */
  @ParameterizedTest
  @ValueSource(ints = {1, 49_999, 50_001, 60_000})
  void wrongLengthOfASmallBlobIsToldBeforeTheHead(int length) throws IOException {
    byte[] bytes = BlobBench.random(50_000);
    Digest small = bench.upstream.putBlob("team/app", bytes);
    bench.upstream.inject(Recorded.blobGet(small), Fault.declareLength(length));
    String path = "/v2/team/app/blobs/" + small;
    assertError(bench.server().get(path), 502, "UNAVAILABLE");
    bench.awaitIdle();
    assertThat(bench.files("blobs")).isEmpty();
    bench.upstream.clearFaults();
    assertThat(bench.server().get(path).body()).isEqualTo(bytes);
  }

  @Test
  void encodedBodyIsNotStoredAndNeverWhole() throws Exception {
    bench.inject(Fault.gzip(), 1);
    assertThatThrownBy(bench::get).hasMessageContaining("bytes received");
    bench.awaitIdle();
    assertThat(bench.files("blobs")).isEmpty();
    bench.assertWhole(bench.get());
  }

  /** Object stores name the encoding that a blob has in itself. */
  @Test
  void bytesThatAreCalledEncodedCountAsTheyAre() {
    bench.inject(Fault.header("Content-Encoding", "gzip"), 1);
    bench.assertWhole(bench.get());
  }

  @ParameterizedTest
  @CsvSource({
    "500, 502, UNAVAILABLE",
    "503, 502, UNAVAILABLE",
    "404, 404, BLOB_UNKNOWN",
    "401, 403, DENIED",
    "403, 403, DENIED",
    "429, 429, TOOMANYREQUESTS",
    "410, 404, BLOB_UNKNOWN",
    "451, 403, DENIED",
    "400, 400, UNSUPPORTED",
    "409, 400, UNSUPPORTED"
  })
  void refusalIsToldByItsOwnCode(int upstreamStatus, int status, String code) {
    bench.inject(Fault.status(upstreamStatus), FakeRegistry.ALWAYS);
    HttpResponse<byte[]> response = bench.get();
    assertError(response, status, code);
    assertThat(response.headers().firstValue("WWW-Authenticate")).isEmpty();
  }

  @Test
  void redirectRingIsBroken() {
    bench.upstream.inject(Recorded.blob(bench.blob), Fault.redirect(bench.path));
    assertError(bench.get(), 502, "UNAVAILABLE");
    assertThat(bench.upstream.blobGets(bench.blob)).hasSizeLessThan(8);
  }

  @Test
  void blobsBehindARedirectAreTeedAndKept() {
    bench.upstream.redirectBlobs();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.redirectedRequests())
        .singleElement()
        .satisfies(request -> assertThat(request.header("Authorization")).isNull());
    bench.assertKept();
  }

  @Test
  void tokenThatExpiresInThePullIsRenewedOnceAndThePullResumes() {
    FakeTokenService tokens = bench.upstream.requireTokens();
    bench.assertWhole(bench.get());
    Digest second = bench.upstream.putBlob("team/app", BlobBench.random(2_000_000));
    bench.upstream.clearRequests();
    tokens.revokeAll();
    bench.upstream.inject(Recorded.blobGet(second), Fault.resetAfter(1_000_000), 2);
    HttpResponse<byte[]> response = bench.server().get("/v2/team/app/blobs/" + second);
    assertThat(response.body()).isEqualTo(BlobBench.random(2_000_000));
    assertThat(bench.upstream.tokenRequests()).hasSize(1);
  }

  @Test
  void tokenThatExpiresInTheMiddleOfABodyIsRenewedOnceAndTheBodyGoesOn() throws Exception {
    FakeTokenService tokens = bench.upstream.requireTokens();
    Gate gate = bench.upstream.hold(bench.blob, 500_000);
    bench.inject(Fault.resetAfter(1_000_000), 1);
    CompletableFuture<HttpResponse<byte[]>> client = bench.getLater();
    CompletableFuture<HttpResponse<byte[]>> joiner = bench.getLater();
    gate.awaitReached();
    bench.upstream.clearRequests();
    tokens.revokeAll();
    gate.release();
    bench.assertWhole(client.get(60, TimeUnit.SECONDS));
    bench.assertWhole(joiner.get(60, TimeUnit.SECONDS));
    assertThat(bench.upstream.requests())
        .extracting(Recorded::status)
        .containsExactly(401, 200, 206);
    assertThat(bench.upstream.tokenRequests()).hasSize(1);
    bench.assertKept();
  }

  @Test
  void stoppedUpstreamLeavesWhatIsHere() {
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    bench.upstream.close();
    bench.assertWhole(bench.get());
    String unknown = "/v2/team/app/blobs/" + Digest.ofBytes(bench.blob.algorithm(), new byte[3]);
    assertError(bench.server().get(unknown), 502, "UNAVAILABLE");
  }

  private static void assertError(HttpResponse<byte[]> response, int status, String code) {
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(new String(response.body(), UTF_8)).contains("\"" + code + "\"");
  }
}
