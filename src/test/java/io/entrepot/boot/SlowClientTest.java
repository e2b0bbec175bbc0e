package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Gate;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Clients that take their time (F17, S14). */
class SlowClientTest {
  /** Of the kernel, at either end: so that a client is soon waited for. */
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

  /** Asks and reads nothing yet. */
  private Socket ask() throws IOException {
    Socket socket = new Socket();
    socket.setReceiveBufferSize(SOCKET_BUFFER);
    socket.setSoTimeout(20_000);
    socket.connect(
        new InetSocketAddress(InetAddress.getLoopbackAddress(), bench.server().port()), 5_000);
    String request = "GET " + bench.path + " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    socket.getOutputStream().write(request.getBytes(ISO_8859_1));
    return socket;
  }

  /** Reads to the end, however that comes. */
  private static long readAll(Socket socket) {
    long received = 0;
    byte[] buffer = new byte[8_192];
    try {
      for (int n; (n = socket.getInputStream().read(buffer)) > 0; ) {
        received += n;
      }
    } catch (IOException e) {
      return received;
    }
    return received;
  }

  private String aborted() {
    return new String(bench.server().get("/metrics").body(), ISO_8859_1);
  }

  @Test
  void clientBelowTheFloorIsDroppedAndNobodyElse() throws Exception {
    restart("1KiB");
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    try (Socket slow = ask()) {
      await().atMost(Duration.ofSeconds(20)).until(() -> isOver());
      bench.assertWhole(bench.get());
      assertThat(readAll(slow)).isLessThan(BlobBench.SIZE);
    }
  }

  /** The first pull and the slow one have ended, as the meters count them. */
  private boolean isOver() {
    return aborted()
        .lines()
        .filter(line -> line.startsWith("entrepot_requests_seconds_count{"))
        .anyMatch(line -> line.contains("outcome=\"hit\"") && line.endsWith(" 1"));
  }

  @Test
  void slowClientOfAFillIsDroppedAndTheFillGoesOn() throws Exception {
    restart("1KiB");
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE - 1);
    try (Socket slow = ask()) {
      gate.awaitReached();
      CompletableFuture<HttpResponse<byte[]>> other = bench.getLater();
      await().atMost(Duration.ofSeconds(20)).until(() -> aborted().contains("outcome=\"miss\""));
      gate.release();
      bench.assertWhole(other.get(20, TimeUnit.SECONDS));
      assertThat(readAll(slow)).isLessThan(BlobBench.SIZE);
    }
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void withoutAFloorAClientMayTakeItsTime() throws Exception {
    restart("0");
    bench.assertWhole(bench.get());
    try (Socket slow = ask()) {
      await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(5)).until(() -> !isOver());
      assertThat(readAll(slow)).isGreaterThan(BlobBench.SIZE);
    }
  }

  @Test
  void clientThatWaitsForTheUpstreamIsNotSlow() throws Exception {
    restart("1MiB");
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> client = bench.getLater();
    gate.awaitReached();
    await()
        .during(Duration.ofSeconds(3))
        .atMost(Duration.ofSeconds(5))
        .until(() -> !client.isDone());
    gate.release();
    bench.assertWhole(client.get(20, TimeUnit.SECONDS));
  }
}
