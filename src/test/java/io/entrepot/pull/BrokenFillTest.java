package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;

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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A fill of 150 MB that a restart interrupts at two thirds (F22). */
class BrokenFillTest {
  private static final long SIZE = 150_000_000;
  private static final long CHECKPOINT = 64L << 20;

  /** A checkpoint is made after the chunk that passes its position. */
  private static final long CHUNK = 64L << 10;

  @TempDir Path folder;

  @Test
  void fillGoesOnAfterARestartAndFetchesOnlyTheRest() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      Digest blob = upstream.putGeneratedBlob(SIZE, 23);
      String path = "/v2/team/app/blobs/" + blob;
      Gate gate = upstream.hold(blob, 100_000_000);
      try (TestServer first = new TestServer.Builder(folder, upstream.uri()).start()) {
        CompletableFuture<HttpResponse<Void>> client =
            first
                .client()
                .sendAsync(
                    HttpRequest.newBuilder(first.uri(path)).build(),
                    HttpResponse.BodyHandlers.discarding());
        gate.awaitReached();
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
            .satisfies(get -> assertThat(firstByte(get)).isBetween(CHECKPOINT, CHECKPOINT + CHUNK));
      }
    }
  }

  private static long firstByte(Recorded get) {
    String range = String.valueOf(get.header("Range"));
    return Long.parseLong(range.substring("bytes=".length(), range.length() - 1));
  }
}
