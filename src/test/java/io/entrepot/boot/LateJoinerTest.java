package io.entrepot.boot;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
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
import org.junit.jupiter.api.io.TempDir;

/** The tee at work: 200 MB at 50 MB/s, and a client that comes at half of it. */
class LateJoinerTest {
  private static final long SIZE = 200_000_000;

  @TempDir Path folder;

  @Test
  void lateJoinerHasItsFirstByteAtOnceAndEndsWithTheLeader() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      Digest blob = upstream.putGeneratedBlob(SIZE, 11);
      upstream.inject(Recorded.blobGet(blob), Fault.throttle(50_000_000));
      try (TestServer server = new TestServer.Builder(folder, upstream.uri()).start()) {
        HttpRequest request =
            HttpRequest.newBuilder(server.uri("/v2/team/app/blobs/" + blob)).build();
        server.get("/v2/");
        CountDownLatch half = new CountDownLatch(1);
        CompletableFuture<Long> leader =
            CompletableFuture.supplyAsync(() -> pull(server, request, blob, half));
        half.await();
        long joined = System.nanoTime();
        HttpResponse<InputStream> joiner =
            server.client().send(request, HttpResponse.BodyHandlers.ofInputStream());
        DigestVerifier verifier = blob.verifier();
        int first = joiner.body().read();
        assertThat(Duration.ofNanos(System.nanoTime() - joined)).isLessThan(Duration.ofMillis(100));
        verifier.update(new byte[] {(byte) first}, 0, 1);
        long joinerEnd = drain(joiner.body(), verifier, new CountDownLatch(0));
        assertThat(verifier.finish()).isEqualTo(blob);
        long apart = Math.abs(joinerEnd - leader.get(30, TimeUnit.SECONDS));
        assertThat(Duration.ofNanos(apart)).isLessThan(Duration.ofSeconds(1));
        assertThat(upstream.blobGets(blob)).hasSize(1);
      }
    }
  }

  private static long pull(
      TestServer server, HttpRequest request, Digest blob, CountDownLatch half) {
    try {
      HttpResponse<InputStream> response =
          server.client().send(request, HttpResponse.BodyHandlers.ofInputStream());
      DigestVerifier verifier = blob.verifier();
      long end = drain(response.body(), verifier, half);
      assertThat(verifier.finish()).isEqualTo(blob);
      return end;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** Reads to the end and tells when that was. */
  private static long drain(InputStream body, DigestVerifier verifier, CountDownLatch half)
      throws IOException {
    byte[] chunk = new byte[64 << 10];
    long read = 0;
    for (int n = body.read(chunk); n >= 0; n = body.read(chunk)) {
      verifier.update(chunk, 0, n);
      read += n;
      if (read >= SIZE / 2) {
        half.countDown();
      }
    }
    return System.nanoTime();
  }
}
