package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Digest.Algorithm;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fill that a graceful stop interrupts in the middle: none of its bytes are lost (F22, F31). */
class BrokenFillTest {
  private static final long SIZE = 20_000_000;
  private static final long STOPPED_AT = 10_000_000;

  private static final Pattern PULLED = Pattern.compile("(?m)^entrepot_pulled\\S*blob\\S* (\\S+)$");

  @TempDir Path folder;

  @Test
  void fillGoesOnAfterARestartAndFetchesOnlyTheRest() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      Digest blob = upstream.putGeneratedBlob(SIZE, 23);
      String path = "/v2/team/app/blobs/" + blob;
      Gate gate = upstream.hold(blob, STOPPED_AT);
      try (TestServer first = new TestServer.Builder(folder, upstream.uri()).start()) {
        CompletableFuture<HttpResponse<Void>> client =
            first
                .client()
                .sendAsync(
                    HttpRequest.newBuilder(first.uri(path)).build(),
                    HttpResponse.BodyHandlers.discarding());
        gate.awaitReached();
        await().until(() -> pulled(first) == STOPPED_AT);
        assertThat(client).isNotDone();
      }
      gate.release();
      upstream.clearFaults();
      upstream.clearRequests();
      try (TestServer second = new TestServer.Builder(folder, upstream.uri()).start()) {
        HttpResponse<byte[]> whole = second.get(path);
        assertThat(whole.statusCode()).isEqualTo(200);
        assertThat(Digest.ofBytes(Algorithm.SHA256, whole.body())).isEqualTo(blob);
        assertThat(upstream.requests(Recorded.blobGet(blob)))
            .singleElement()
            .satisfies(
                get -> assertThat(get.header("Range")).isEqualTo("bytes=" + STOPPED_AT + "-"));
      }
    }
  }

  /** How many bytes the cache has got from the upstream. */
  private static long pulled(TestServer server) {
    String metrics = new String(server.get("/metrics").body(), UTF_8);
    Matcher pulled = PULLED.matcher(metrics);
    return pulled.find() ? (long) Double.parseDouble(pulled.group(1)) : 0;
  }
}
