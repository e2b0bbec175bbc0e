package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Fills that all clients have left. Only those that have enough bytes continue (F16). */
@Timeout(120)
class LeftFillTest {
  private static final int ROUNDS = 10;

  @TempDir Path folder;
  private BlobBench bench;

  @BeforeEach
  void start() {
    bench = new BlobBench(folder);
    finishFrom(50);
  }

  private void finishFrom(int percent) {
    bench.restart(builder -> builder.set("proxy.finishfrom", String.valueOf(percent)));
  }

  @AfterEach
  void stop() {
    bench.close();
  }

  @Test
  void fillThatIsLeftEarlyStops() throws Exception {
    bench.inject(Fault.throttle(500_000), 1);
    leaveAfter(BlobBench.SIZE / 10);
    bench.awaitIdle();
    assertThat(bench.files("blobs")).isEmpty();

    bench.upstream.clearRequests();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.requests()).hasSize(1);
    bench.assertKept();
  }

  @Test
  void fillThatIsPastTheShareGoesOn() throws Exception {
    bench.inject(Fault.throttle(2_000_000), 1);
    leaveAfter(BlobBench.SIZE * 6 / 10);
    bench.assertKept();
    assertThat(bench.upstream.requests()).isEmpty();
  }

  @Test
  void fillGoesOnForTheClientThatStays() throws Exception {
    finishFrom(100);
    bench.inject(Fault.throttle(2_000_000), 1);
    HttpResponse<InputStream> first = open(bench.path);
    CompletableFuture<HttpResponse<byte[]>> stays = bench.getLater();
    first.body().readNBytes(BlobBench.SIZE / 10);
    first.body().close();
    bench.assertWhole(stays.get(60, TimeUnit.SECONDS));
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void clientThatJoinsWhileTheLastOneLeavesGetsTheWholeBlob() throws Exception {
    finishFrom(100);
    for (int round = 0; round < ROUNDS; round++) {
      byte[] bytes = BlobBench.random(BlobBench.SIZE + round);
      Digest blob = bench.upstream.putBlob("team/app", bytes);
      bench.upstream.inject(Recorded.blobGet(blob), Fault.throttle(6_000_000));
      String path = "/v2/team/app/blobs/" + blob;
      HttpResponse<InputStream> first = open(path);
      first.body().readNBytes(BlobBench.SIZE / ROUNDS * round);
      CompletableFuture<Void> leaves = Background.run(() -> close(first));
      assertThat(bench.server().get(path).body()).isEqualTo(bytes);
      leaves.get(60, TimeUnit.SECONDS);
    }
  }

  private void leaveAfter(int bytes) throws Exception {
    HttpResponse<InputStream> only = open(bench.path);
    only.body().readNBytes(bytes);
    only.body().close();
  }

  private HttpResponse<InputStream> open(String path) throws Exception {
    HttpRequest request = HttpRequest.newBuilder(bench.server().uri(path)).build();
    return bench.server().client().send(request, HttpResponse.BodyHandlers.ofInputStream());
  }

  private static void close(HttpResponse<InputStream> response) {
    try {
      response.body().close();
    } catch (IOException e) {
      // The client has left, as intended.
    }
  }
}
