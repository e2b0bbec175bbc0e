package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.RefusingDisk;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.LogLines;
import io.entrepot.fixture.Recorded;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.h2.jdbcx.JdbcConnectionPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A database that fails and works again (F19). */
class DatabaseFaultTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  private JdbcConnectionPool pool;
  private FaultyDataSource database;
  private BlobBench bench;

  @BeforeEach
  void start() {
    String name = UUID.randomUUID().toString();
    pool = JdbcConnectionPool.create("jdbc:h2:mem:" + name + ";DB_CLOSE_DELAY=-1", "sa", "");
    database = new FaultyDataSource(pool);
    bench = new BlobBench(folder);
    bench.restart(builder -> builder.database(database));
  }

  @AfterEach
  void stop() {
    database.comeBack();
    bench.close();
    pool.dispose();
  }

  @Test
  void hitsThatAreKnownGoOnWhileTheDatabaseIsDown() {
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    bench.assertWhole(bench.get());
    database.goDown();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
  }

  @Test
  void permissionThatCannotBeCheckedIsNotGiven() {
    bench.assertWhole(bench.get());
    bench.awaitIdle();
    bench.upstream.clearRequests();
    database.goDown();
    HttpResponse<byte[]> other = bench.server().get("/v2/other/app/blobs/" + bench.blob);
    assertThat(other.statusCode()).isEqualTo(503);
    assertThat(new String(other.body(), UTF_8)).contains("\"UNAVAILABLE\"");
    assertThat(other.headers().firstValue("Retry-After")).hasValue("1");
    assertThat(bench.upstream.requests()).isEmpty();
    database.comeBack();
    assertThat(bench.server().get("/v2/other/app/blobs/" + bench.blob).statusCode()).isEqualTo(404);
  }

  /** The upstream is well, so clients get what it says, though nothing can be noted (F27). */
  @Test
  void databaseOnAReadOnlyDiskStillAnswers() {
    byte[] image = "{\"schemaVersion\":2,\"mediaType\":\"%s\"}".formatted(IMAGE).getBytes(UTF_8);
    bench.upstream.putManifest("team/app", "v1", IMAGE, image);
    bench.upstream.putBlob("other/app", bench.bytes);
    try (RefusingDisk disk = RefusingDisk.install()) {
      bench.restart(embedded -> embedded);
      bench.assertWhole(bench.get());
      bench.awaitIdle();

      disk.becomeReadOnly();

      for (int i = 0; i < 2; i++) {
        assertThat(bench.server().get("/v2/team/app/manifests/v1").body()).isEqualTo(image);
      }
      bench.assertWhole(bench.get());
      assertThat(bench.upstream.blobGets(bench.blob)).hasSize(1);
      String other = "/v2/other/app/blobs/" + bench.blob;
      assertThat(bench.server().head(other).statusCode()).isEqualTo(200);
      bench.assertWhole(bench.server().get(other));
      assertThat(bench.server().get("/v2/team/app/manifests/none").statusCode()).isEqualTo(404);
      HttpResponse<byte[]> health = bench.server().get("/api/health");
      assertThat(health.statusCode()).isEqualTo(200);
      assertThat(new String(health.body(), UTF_8)).contains("database", "Read-only file system");
    }
  }

  /** Each kind of cause is logged once a minute (F25). */
  @Test
  void answerOf503IsInTheLogWithItsCause() {
    bench.assertWhole(bench.get());
    database.goDown();
    try (LogLines log = LogLines.of("io.entrepot")) {
      for (int i = 0; i < 3; i++) {
        assertThat(bench.server().get("/v2/other/app/blobs/" + bench.blob).statusCode())
            .isEqualTo(503);
      }
      assertThat(log.with("A request gets 503"))
          .singleElement()
          .asString()
          .contains("a query of the catalog failed", "finding the link", "the database is down");
    }
  }

  /** A stop while the last step of a fill is under way (F26). */
  @Test
  void stopWaitsUntilABlobIsStoredThatAClientHasReceived() throws Exception {
    CountDownLatch storing = new CountDownLatch(1);
    CountDownLatch goesOn = new CountDownLatch(1);
    database.before(
        () -> {
          if (Thread.currentThread().getName().startsWith("entrepot-fill")) {
            storing.countDown();
            assertThat(goesOn).satisfies(CountDownLatch::await);
          }
        });
    bench.assertWhole(bench.get());
    storing.await();
    try (LogLines log = LogLines.of("io.entrepot")) {
      CompletableFuture<Void> restart =
          Background.run(() -> bench.restart(builder -> builder.database(database)));
      await().during(Duration.ofMillis(300)).until(() -> !restart.isDone());
      goesOn.countDown();
      restart.get(60, TimeUnit.SECONDS);
      assertThat(log.with("Blob")).isEmpty();
    }
    bench.assertKept();
  }

  /** What is known without the database is told; the rest is null with the reason (F25). */
  @Test
  void statisticsGoOnWhileTheDatabaseIsDown() {
    assertThat(bench.server().stats()).contains("\"unread\":[]").doesNotContain("\"held\":null");
    database.goDown();
    HttpResponse<byte[]> stats = bench.server().get("/api/stats");
    assertThat(stats.statusCode()).isEqualTo(200);
    assertThat(new String(stats.body(), UTF_8))
        .contains("\"held\":null", "\"leases\":null", "\"fillsInFlight\":0", "\"requests\":{")
        .doesNotContain("\"unread\":[]");
  }

  @Test
  void healthIsNotReadyUntilTheDatabaseIsBack() {
    database.goDown();
    HttpResponse<byte[]> health = bench.server().get("/api/health");
    assertThat(health.statusCode()).isEqualTo(503);
    assertThat(new String(health.body(), UTF_8)).contains("\"ready\":false").contains("database");
    database.comeBack();
    assertThat(bench.server().get("/api/health").statusCode()).isEqualTo(200);
  }

  @Test
  void blobThatArrivesMeanwhileIsServedAndCostsOneHeadLater() throws Exception {
    Gate gate = bench.upstream.hold(bench.blob, BlobBench.SIZE / 2);
    CompletableFuture<HttpResponse<byte[]>> client = bench.getLater();
    gate.awaitReached();
    database.goDown();
    gate.release();
    bench.assertWhole(client.get(60, TimeUnit.SECONDS));
    await().until(() -> metrics().contains("entrepot_not_kept_total 1.0"));
    database.comeBack();
    bench.awaitIdle();
    assertThat(bench.files("blobs")).hasSize(1);
    bench.upstream.clearRequests();
    bench.assertWhole(bench.get());
    assertThat(bench.upstream.requests(Recorded.blob(bench.blob)))
        .singleElement()
        .satisfies(request -> assertThat(request.method()).isEqualTo("HEAD"));
  }

  private String metrics() {
    return new String(bench.server().get("/metrics").body(), UTF_8);
  }
}
