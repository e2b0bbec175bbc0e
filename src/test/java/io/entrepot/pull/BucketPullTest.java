package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FakeS3;
import io.entrepot.fixture.FakeS3.Fault;
import io.entrepot.fixture.Metrics;
import io.entrepot.fixture.Postgres;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A whole cache with a bucket and a PostgreSQL, whose near folder loses its files. */
class BucketPullTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] IMAGE =
      ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"layers\":[]}").getBytes(UTF_8);
  private static final Fault[] AWAY =
      Collections.nCopies(4, Fault.Answer.SLOW_DOWN).toArray(new Fault[0]);

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static FakeS3 service;
  private static String database;
  private static TestServer server;

  /** Blobs of different sizes are different blobs. */
  private static final AtomicInteger made = new AtomicInteger();

  @BeforeAll
  static void start() throws Exception {
    upstream = FakeRegistry.start();
    service = new FakeS3();
    String url = Postgres.newDatabase();
    database = url.substring(0, url.indexOf('?'));
    server = builder(folder).start();
  }

  private static TestServer.Builder builder(Path data) {
    return new TestServer.Builder(data, upstream.uri())
        .set("database.url", database)
        .set("database.username", "postgres")
        .set("storage.unlinkgrace", "0s")
        .set("proxy.revalidate", "1h")
        .set("storage.s3.bucket", FakeS3.BUCKET)
        .set("storage.s3.endpoint", service.uri().toString())
        .set("storage.s3.pathstyle", "true")
        .set("storage.s3.accesskey", "key")
        .set("storage.s3.secretkey", "secret");
  }

  @AfterAll
  static void stop() {
    server.close();
    service.close();
    upstream.close();
  }

  /**
   * A blob that is in the bucket, and not in the near folder. The upstream's requests count anew.
   */
  private static Digest farBlob(String repository) throws IOException {
    Digest blob = upstream.putBlob(repository, BlobBench.random(500_000 + made.incrementAndGet()));
    assertThat(get(repository, blob).statusCode()).isEqualTo(200);
    await().until(() -> isStored(blob) && server.stats().contains("\"fillsInFlight\":0"));
    wipe();
    upstream.clearRequests();
    service.requests.clear();
    return blob;
  }

  /** Whether the bucket has it, and the database knows. */
  private static boolean isStored(Digest digest) throws SQLException {
    try (Connection connection = Postgres.connect(database);
        Statement statement = connection.createStatement();
        ResultSet rows =
            statement.executeQuery(
                "SELECT 1 FROM bucket_object WHERE stored AND digest = '" + digest + "'")) {
      return rows.next();
    }
  }

  private static Optional<String> keyOf(Digest blob) {
    return service.objects.keySet().stream().filter(key -> key.contains(blob.hex())).findFirst();
  }

  private static void wipe() throws IOException {
    try (Stream<Path> files = Files.walk(folder.resolve("data/blobs"))) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
  }

  private static HttpResponse<byte[]> get(String repository, Digest blob, String... headers) {
    return server.get("/v2/" + repository + "/blobs/" + blob, headers);
  }

  private static byte[] direct(String url) throws IOException {
    try (InputStream in = URI.create(url).toURL().openStream()) {
      return in.readAllBytes();
    }
  }

  @Test
  void blobComesBackFromTheBucketWithoutTheUpstreamAndIsNearAgain() throws IOException {
    Digest blob = farBlob("team/app");
    HttpResponse<byte[]> response = get("team/app", blob);
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(blob.matches(response.body())).isTrue();
    assertThat(response.headers().firstValue("Cache-Status")).get().asString().contains("; hit");
    assertThat(upstream.requests()).isEmpty();
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    service.requests.clear();
    assertThat(blob.matches(get("team/app", blob).body())).isTrue();
    assertThat(service.requests).isEmpty();
  }

  @Test
  void otherRepositoryWithoutALinkGetsNothingFromTheBucket() throws IOException {
    Digest blob = farBlob("team/owner");
    assertThat(get("team/stranger", blob).statusCode()).isEqualTo(404);
    assertThat(service.count("GET")).isZero();
    assertThat(upstream.requests()).isNotEmpty();
  }

  @Test
  void bodyThatTheBucketCutsGoesOnAtItsByte() throws IOException {
    Digest blob = farBlob("team/cut");
    service.fail("GET", blob, new Fault.Cut(200_000));
    assertThat(blob.matches(get("team/cut", blob).body())).isTrue();
    assertThat(upstream.requests()).isEmpty();
    assertThat(service.count("GET " + keyOf(blob).orElseThrow())).isEqualTo(2);
  }

  @Test
  void bucketThatIsAwayCostsOneGetOfTheUpstream() throws IOException {
    Digest blob = farBlob("team/away");
    service.fail("GET", blob, AWAY);
    assertThat(blob.matches(get("team/away", blob).body())).isTrue();
    assertThat(upstream.blobGets(blob)).hasSize(1);
  }

  @Test
  void whatWaitsForABucketThatIsAwayIsTold() throws Exception {
    Digest blob = upstream.putBlob("team/waits", BlobBench.random(70_000));
    service.fail("PUT", blob, AWAY);
    assertThat(blob.matches(get("team/waits", blob).body())).isTrue();

    await().until(() -> !cluster().at("/bucket/lastError").isNull());
    assertThat(cluster().at("/bucket/lastError").asText()).contains("SlowDown");
    assertThat(cluster().at("/bucket/name").asText())
        .isEqualTo(service.uri() + "/" + FakeS3.BUCKET + "/");
    await().until(() -> isStored(blob));
    assertThat(cluster().at("/bucket/waiting").asLong()).isZero();
    assertThat(cluster().at("/bucket/oldestSeconds").asLong()).isZero();
    assertThat(cluster().at("/bucket/trouble").isNull()).isTrue();
    assertThat(cluster().get("node").isNull()).isTrue();
    await()
        .untilAsserted(
            () -> {
              Metrics metrics = Metrics.ofText(new String(server.get("/metrics").body(), UTF_8));
              assertThat(metrics.sum("entrepot_cluster_bucket_waiting")).isZero();
              assertThat(metrics.sum("entrepot_cluster_bucket_failing")).isZero();
            });
  }

  @Test
  void bucketWorksAgainWithTheFirstPutThoughMoreWaits() throws Exception {
    Digest one = upstream.putBlob("team/again", BlobBench.random(71_000));
    Digest two = upstream.putBlob("team/again", BlobBench.random(72_000));
    CountDownLatch second = new CountDownLatch(1);
    service.holdPut(two, second);
    service.fail("PUT", one, AWAY);
    assertThat(one.matches(get("team/again", one).body())).isTrue();
    assertThat(two.matches(get("team/again", two).body())).isTrue();

    await().until(() -> isStored(one));
    await().until(() -> cluster().at("/bucket/trouble").isNull());
    assertThat(isStored(two)).isFalse();
    second.countDown();
    await().until(() -> isStored(two));
  }

  private static JsonNode cluster() throws IOException {
    return new ObjectMapper().readTree(server.get("/api/cluster").body());
  }

  @Test
  void damagedObjectIsCutOffOnceAndFetchedAgain() throws IOException {
    Digest blob = farBlob("team/rotten");
    String key = keyOf(blob).orElseThrow();
    byte[] rotten = service.objects.get(key).clone();
    rotten[7] ^= 1;
    service.objects.put(key, rotten);
    assertThatThrownBy(() -> get("team/rotten", blob)).hasMessageContaining("received");
    assertThat(upstream.requests()).isEmpty();
    await().until(() -> !service.objects.containsKey(key));
    assertThat(blob.matches(get("team/rotten", blob).body())).isTrue();
    assertThat(upstream.blobGets(blob)).hasSize(1);
    await().until(() -> keyOf(blob).isPresent());
    assertThat(blob.matches(service.objects.get(keyOf(blob).orElseThrow()))).isTrue();
  }

  @Test
  void manifestAndTagComeBackAfterARestart() throws IOException {
    Digest manifest = upstream.putManifest("team/image", "v1", MANIFEST, IMAGE);
    assertThat(server.get("/v2/team/image/manifests/v1").body()).isEqualTo(IMAGE);
    await().until(() -> isStored(manifest));
    server.close(); // what is small is held in memory
    wipe();
    server = builder(folder).start();
    upstream.clearRequests();
    for (String reference : new String[] {"v1", manifest.toString()}) {
      HttpResponse<byte[]> response = server.get("/v2/team/image/manifests/" + reference);
      assertThat(response.statusCode()).isEqualTo(200);
      assertThat(response.body()).isEqualTo(IMAGE);
    }
    assertThat(upstream.requests(request -> request.path().contains("/team/"))).isEmpty();
  }

  @Test
  void whereClientsAreSentToTheBucketAGetOfAFarBlobIsA307AndNothingElse() throws IOException {
    Digest blob = farBlob("team/sent");
    server.close();
    TestServer.Builder sending =
        builder(folder)
            .set("storage.s3.redirect", "true")
            .set("storage.s3.publicendpoint", service.uri().toString());
    server = sending.start();
    try {
      upstream.clearRequests();
      service.requests.clear();
      assertSent(blob);
    } finally {
      server.close();
      server = builder(folder).start();
    }
  }

  private static void assertSent(Digest blob) throws IOException {
    HttpResponse<byte[]> sent = get("team/sent", blob);
    assertThat(sent.statusCode()).isEqualTo(307);
    assertThat(sent.headers().firstValue("Cache-Control")).contains("no-store");
    assertThat(sent.headers().firstValue("Docker-Content-Digest")).contains(blob.toString());
    assertThat(sent.body()).isEmpty();
    String location = sent.headers().firstValue("Location").orElseThrow();
    assertThat(location)
        .startsWith(service.uri() + "/" + FakeS3.BUCKET + "/" + keyOf(blob).orElseThrow() + "?")
        .contains("X-Amz-Expires=60&", "X-Amz-Signature=");
    assertThat(blob.matches(direct(location))).isTrue();
    assertThat(service.count("GET blobs/")).isEqualTo(1); // the client's own
    assertThat(upstream.requests(request -> request.path().contains("/team/"))).isEmpty();

    HttpResponse<byte[]> head = server.head("/v2/team/sent/blobs/" + blob);
    assertThat(head.statusCode()).isEqualTo(200);
    HttpResponse<byte[]> stranger = get("team/stranger", blob);
    assertThat(stranger.statusCode()).isEqualTo(404);
    assertThat(stranger.headers().firstValue("Location")).isEmpty();
    Digest near = upstream.putBlob("team/sent", BlobBench.random(9_000));
    assertThat(get("team/sent", near).statusCode()).isEqualTo(200);
    await().until(() -> isStored(near));
    assertThat(get("team/sent", near).statusCode()).isEqualTo(200);
  }
}
