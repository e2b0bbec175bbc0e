package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Gate;
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
import org.junit.jupiter.params.provider.ValueSource;

/** Expiry while a client reads, and while a fill runs (F18). */
class ReadingWhileExpiringTest {
  private static final Duration LONG = Duration.ofSeconds(20);

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

  private void restart(boolean sendfile, String ttl) {
    bench.restart(
        builder ->
            (sendfile ? builder : builder.withoutSendfile())
                .connector("socket.txBufSize", "4096")
                .set("proxy.ttl", ttl)
                .set("storage.unlinkgrace", "0s"));
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void readerOfABlobThatExpiresGetsAllItsBytes(boolean sendfile) throws Exception {
    restart(sendfile, "4s"); // long enough that it is still stored at the client's request
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    try (PullSocket client = new PullSocket(bench.server().port(), bench.path)) {
      assertThat(client.head()).startsWith("HTTP/1.1 200").contains("detail=hit");
      await().atMost(LONG).until(() -> bench.files("blobs").isEmpty());
      assertThat(client.rest()).isEqualTo(bench.bytes);
    }
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void fillThatTakesLongerThanTheTtlIsKeptAndLeased() throws Exception {
    restart(true, "1s");
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> client = bench.getLater();
    gate.awaitReached();
    await()
        .during(Duration.ofSeconds(3))
        .atMost(LONG)
        .until(() -> bench.files("spool").size() == 1);
    gate.release();
    bench.assertWhole(client.get(60, TimeUnit.SECONDS));
    await().atMost(LONG).until(() -> bench.server().stats().contains("\"evictions\":1"));
    await().atMost(LONG).until(() -> bench.files("blobs").isEmpty());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void fillThatBeginsWhileTheOldBytesExpireIsWhole() throws Exception {
    restart(true, "1s");
    for (int i = 0; i < 3; i++) {
      bench.assertWhole(bench.get());
      await().atMost(LONG).until(() -> bench.files("blobs").isEmpty());
    }
    bench.assertWhole(bench.get());
  }
}
