package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.zaxxer.hikari.HikariDataSource;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Postgres;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole cache whose catalog and leases are in a real PostgreSQL, also after a restart. */
class ServerDatabaseTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] IMAGE =
      ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"layers\":[]}").getBytes(UTF_8);

  @TempDir Path folder;
  private FakeRegistry upstream;
  private HikariDataSource postgres;
  private Digest blob;
  private Digest manifest;
  private String path;

  @BeforeEach
  void start() throws SQLException {
    upstream = FakeRegistry.start();
    blob = upstream.putBlob("team/app", BlobBench.random(500_000));
    manifest = upstream.putManifest("team/app", "v1", MANIFEST, IMAGE);
    path = "/v2/team/app/blobs/" + blob;
    postgres = new HikariDataSource();
    postgres.setJdbcUrl(Postgres.newDatabase());
    postgres.setMaximumPoolSize(20);
  }

  @AfterEach
  void stop() {
    postgres.close();
    upstream.close();
  }

  /** The restarted one connects by itself. */
  @Test
  void whatWasPulledIsServedAfterARestartWithoutTheUpstream() {
    pullDaysAgo(0, "168h");
    upstream.clearRequests();
    String url = postgres.getJdbcUrl();
    TestServer.Builder own =
        new TestServer.Builder(folder, upstream.uri())
            .set("database.url", url.substring(0, url.indexOf('?')))
            .set("database.username", "postgres");
    try (TestServer restarted = own.start()) {
      assertThat(blob.matches(restarted.get(path).body())).isTrue();
      assertThat(restarted.get("/v2/team/app/manifests/" + manifest).body()).isEqualTo(IMAGE);
      assertThat(upstream.requests(request -> !request.path().equals("/v2/"))).isEmpty();
      assertThat(restarted.stats()).contains("\"leases\":2").contains("\"blobs\":2");
    }
    assertThat(folder.resolve("data/index")).doesNotExist();
  }

  @Test
  void permissionIsStillOfOneRepositoryOnly() {
    pullDaysAgo(0, "168h");
    upstream.clearRequests();
    try (TestServer restarted = server("168h", Clock.systemUTC())) {
      assertThat(restarted.get("/v2/other/app/blobs/" + blob).statusCode()).isEqualTo(404);
      assertThat(upstream.requests(request -> request.path().contains("/other/app/"))).isNotEmpty();
    }
  }

  @Test
  void leaseThatHasRunOutWhenTheServerStartsAgainIsExecuted() throws IOException {
    pullDaysAgo(6, "168h");
    assertThat(storedBlobs()).isEqualTo(2);
    try (TestServer restarted = server("5d", Clock.systemUTC())) {
      await().until(() -> storedBlobs() == 0);
      await().until(() -> restarted.stats().contains("\"leases\":0"));
      assertThat(blob.matches(restarted.get(path).body())).isTrue();
      assertThat(upstream.blobGets(blob)).hasSize(2);
    }
  }

  @Test
  void emptiedDatabaseIsFilledAgainFromTheStore() throws SQLException {
    pullDaysAgo(0, "168h");
    postgres.close();
    postgres = new HikariDataSource();
    postgres.setJdbcUrl(Postgres.newDatabase());
    try (TestServer restarted = server("168h", Clock.systemUTC())) {
      await().until(() -> restarted.stats().contains("\"leases\":2"));
      assertThat(blob.matches(restarted.get(path).body())).isTrue();
      assertThat(upstream.blobGets(blob)).hasSize(1);
    }
  }

  private void pullDaysAgo(int days, String ttl) {
    Clock past = Clock.offset(Clock.systemUTC(), Duration.ofDays(-days));
    try (TestServer first = server(ttl, past)) {
      assertThat(first.get(path).statusCode()).isEqualTo(200);
      assertThat(first.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(200);
      await().until(() -> first.stats().contains("\"fillsInFlight\":0"));
    }
  }

  private TestServer server(String ttl, Clock clock) {
    return new TestServer.Builder(folder, upstream.uri())
        .set("proxy.ttl", ttl)
        .set("storage.unlinkgrace", "0s")
        .database(postgres)
        .clock(clock)
        .start();
  }

  private long storedBlobs() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("data/blobs"))) {
      return all.filter(Files::isRegularFile).count();
    }
  }
}
