package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Gate;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that read slowly (F17, S14). */
class SlowClientTest {
  /**
   * The size of the kernel's buffer. It is small, so that the server soon has to wait for the
   * client.
   */
  private static final int SOCKET_BUFFER = 4 << 10;

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

  private void restart(String minRate) {
    bench.restart(
        builder ->
            builder
                .withoutSendfile()
                .connector("socket.txBufSize", Integer.toString(SOCKET_BUFFER))
                .set("http.minrate", minRate)
                .set("http.patience", "1s"));
  }

  /** Sends a request and reads nothing. */
  private PullSocket ask() throws IOException {
    return new PullSocket(bench.server().port(), bench.path);
  }

  private String metrics() {
    return new String(bench.server().get("/metrics").body(), ISO_8859_1);
  }

  @Test
  void clientBelowTheFloorIsDroppedAndNobodyElse() throws Exception {
    restart("1KiB");
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    try (PullSocket slow = ask()) {
      await().until(() -> isOver());
      bench.assertWhole(bench.get());
      assertThat(slow.rest()).hasSizeLessThan(BlobBench.SIZE);
    }
  }

  /** Whether the first pull and the slow pull have ended, by the metrics. */
  private boolean isOver() {
    return metrics()
        .lines()
        .filter(line -> line.startsWith("entrepot_requests_seconds_count{"))
        .anyMatch(line -> line.contains("outcome=\"hit\"") && line.endsWith(" 1"));
  }

  @Test
  void slowClientOfAFillIsDroppedAndTheFillGoesOn() throws Exception {
    restart("1KiB");
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE - 1);
    try (PullSocket slow = ask()) {
      gate.awaitReached();
      CompletableFuture<HttpResponse<byte[]>> other = bench.getLater();
      await().until(() -> metrics().contains("outcome=\"miss\""));
      gate.release();
      bench.assertWhole(other.get(60, TimeUnit.SECONDS));
      assertThat(slow.rest()).hasSizeLessThan(BlobBench.SIZE);
    }
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void withoutAFloorAClientMayTakeItsTime() throws Exception {
    restart("0");
    bench.assertWhole(bench.get());
    try (PullSocket slow = ask()) {
      await().during(Duration.ofSeconds(3)).until(() -> !isOver());
      slow.head();
      assertThat(slow.rest()).isEqualTo(bench.bytes);
    }
  }

  @Test
  void clientThatWaitsForTheUpstreamIsNotSlow() throws Exception {
    restart("64KiB");
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> client = bench.getLater();
    gate.awaitReached();
    await().during(Duration.ofSeconds(3)).until(() -> !client.isDone());
    gate.release();
    bench.assertWhole(client.get(60, TimeUnit.SECONDS));
  }
}
