package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.oci.Digest;
import io.entrepot.oci.DigestVerifier;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A blob of 200 MB, and a client that joins the fill when the upstream has sent half of it. */
@Timeout(180)
class LateJoinerTest {
  private static final long SIZE = 200_000_000;

  /**
   * The upstream waits at this byte. All bytes that the joining client has by then are from the
   * spool.
   */
  private static final long HALF = SIZE / 2;

  private static final long ALMOST_HALF = HALF - 1_000_000;

  @TempDir Path folder;

  @Test
  void lateJoinerHasWhatTheLeaderHasBeforeTheUpstreamSendsMore() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      Digest blob = upstream.putGeneratedBlob(SIZE, 11);
      Gate gate = upstream.hold(blob, HALF);
      TestServer.Builder patient =
          new TestServer.Builder(folder, upstream.uri()).set("proxy.idletimeout", "10m");
      try (TestServer server = patient.start()) {
        HttpRequest request =
            HttpRequest.newBuilder(server.uri("/v2/team/app/blobs/" + blob)).build();
        server.get("/v2/");
        Client leader = new Client(server, request, blob);
        CompletableFuture<Void> leaderEnd = Background.run(leader::pull);
        leader.almostHalf.await();
        gate.awaitReached();

        System.out.printf("first byte of a late joiner: %s%n", firstByte(server, request));
        Client joiner = new Client(server, request, blob);
        CompletableFuture<Void> joinerEnd = Background.run(joiner::pull);
        joiner.almostHalf.await();
        assertThat(leaderEnd).isNotDone();
        gate.release();

        joinerEnd.get(60, TimeUnit.SECONDS);
        leaderEnd.get(60, TimeUnit.SECONDS);
        assertThat(upstream.blobGets(blob)).hasSize(1);
      }
    }
  }

  /** Sends a request, reads one byte and leaves. Returns how long the byte took. */
  private static Duration firstByte(TestServer server, HttpRequest request) {
    long asked = System.nanoTime();
    try (InputStream body = open(server, request)) {
      assertThat(body.read()).isNotNegative();
      return Duration.ofNanos(System.nanoTime() - asked);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static InputStream open(TestServer server, HttpRequest request) throws IOException {
    try {
      return server.client().send(request, HttpResponse.BodyHandlers.ofInputStream()).body();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A client that reads to the end, and verifies the bytes. */
  private record Client(
      TestServer server, HttpRequest request, Digest blob, CountDownLatch almostHalf) {
    Client(TestServer server, HttpRequest request, Digest blob) {
      this(server, request, blob, new CountDownLatch(1));
    }

    void pull() {
      DigestVerifier verifier = blob.verifier();
      byte[] chunk = new byte[64 << 10];
      long read = 0;
      try (InputStream body = open(server, request)) {
        for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
          verifier.update(chunk, 0, n);
          read += n;
          if (read >= ALMOST_HALF) {
            almostHalf.countDown();
          }
        }
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
      assertThat(verifier.finish()).isEqualTo(blob);
    }
  }
}
