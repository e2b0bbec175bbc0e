package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Expiry across a restart. Quartz uses the system's time. So the first instance has a clock in the
 * past and the second one the real clock, and no test has to wait.
 */
class ExpiryTest {
  @TempDir Path folder;
  private FakeRegistry upstream;
  private Digest blob;
  private String path;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    blob = upstream.putGeneratedBlob(500_000, 3);
    path = "/v2/team/app/blobs/" + blob;
  }

  @AfterEach
  void stop() {
    upstream.close();
  }

  /** In real time: with a clock in the past, leases would expire at once by the system's time. */
  @Test
  void blobWhoseTimePassesDuringTheStopIsGoneFromDiskAndCatalog() throws IOException {
    pullDaysAgo(0, "9s");
    assertThat(storedBlobs()).isEqualTo(1);
    try (TestServer restarted = server("9s", Clock.systemUTC())) {
      await().until(() -> storedBlobs() == 0);
      await().until(() -> restarted.stats().contains("\"blobs\":0"));
      await().until(() -> restarted.stats().contains("\"leases\":0"));
      assertThat(upstream.blobGets(blob)).hasSize(1);
      assertThat(restarted.get(path).statusCode()).isEqualTo(200);
      assertThat(upstream.blobGets(blob)).hasSize(2);
    }
  }

  @Test
  void blobWithinItsTimeSurvivesTheRestart() throws IOException {
    pullDaysAgo(6, "168h");
    try (TestServer restarted = server("168h", Clock.systemUTC())) {
      assertThat(restarted.get(path).statusCode()).isEqualTo(200);
      assertThat(upstream.blobGets(blob)).hasSize(1);
      assertThat(restarted.stats()).contains("\"leases\":1");
    }
  }

  @Test
  void shorterTtlAppliesToWhatIsLeasedAlready() throws IOException {
    pullDaysAgo(6, "168h");
    try (TestServer restarted = server("5d", Clock.systemUTC())) {
      await().until(() -> storedBlobs() == 0);
    }
  }

  @Test
  void withoutATtlNothingEverExpires() throws IOException {
    pullDaysAgo(1000, "0");
    try (TestServer restarted = server("0", Clock.systemUTC())) {
      assertThat(restarted.stats()).contains("\"leases\":0");
      assertThat(restarted.get(path).statusCode()).isEqualTo(200);
      assertThat(upstream.blobGets(blob)).hasSize(1);
    }
  }

  @Test
  void lostDatabaseCostsAHeadAndNoDownload() throws IOException {
    pullDaysAgo(0, "168h");
    try (Stream<Path> index = Files.list(folder.resolve("data/index"))) {
      for (Path file : index.toList()) {
        Files.delete(file);
      }
    }
    try (TestServer restarted = server("168h", Clock.systemUTC())) {
      await().until(() -> restarted.stats().contains("\"leases\":1"));
      upstream.clearRequests();
      assertThat(restarted.get(path).statusCode()).isEqualTo(200);
      assertThat(upstream.requests(r -> r.path().equals(path)))
          .singleElement()
          .satisfies(request -> assertThat(request.method()).isEqualTo("HEAD"));
    }
  }

  private void pullDaysAgo(int days, String ttl) {
    Clock past = Clock.offset(Clock.systemUTC(), Duration.ofDays(-days));
    try (TestServer first = server(ttl, past)) {
      assertThat(first.get(path).statusCode()).isEqualTo(200);
      await().until(() -> first.stats().contains("\"fillsInFlight\":0"));
    }
  }

  private TestServer server(String ttl, Clock clock) {
    return new TestServer.Builder(folder, upstream.uri())
        .set("proxy.ttl", ttl)
        .set("storage.unlinkgrace", "0s")
        .clock(clock)
        .start();
  }

  private long storedBlobs() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("data/blobs"))) {
      return all.filter(Files::isRegularFile).count();
    }
  }
}
