package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FakeS3;
import io.entrepot.fixture.Postgres;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A bucket with a quota gives up the images that were not used for longest. */
class BucketQuotaTest {
  private static final String TYPE = "application/vnd.oci.image.manifest.v1+json";
  private static final int LAYER = 300_000;
  private static final int IMAGES = 5;

  @TempDir Path folder;
  private FakeRegistry upstream;
  private FakeS3 service;
  private String database;

  @BeforeEach
  void start() throws Exception {
    upstream = FakeRegistry.start();
    service = new FakeS3();
    String url = Postgres.newDatabase();
    database = url.substring(0, url.indexOf('?'));
  }

  @AfterEach
  void stop() {
    service.close();
    upstream.close();
  }

  private TestServer server(String quota) {
    return new TestServer.Builder(folder, upstream.uri())
        .set("database.url", database)
        .set("database.username", "postgres")
        .set("storage.unlinkgrace", "0s")
        .set("storage.s3.bucket", FakeS3.BUCKET)
        .set("storage.s3.endpoint", service.uri().toString())
        .set("storage.s3.pathstyle", "true")
        .set("storage.s3.accesskey", "key")
        .set("storage.s3.secretkey", "secret")
        .set("storage.s3.quota", quota)
        .start();
  }

  /** An image of one layer, of which nothing else has a byte. */
  private Digest pull(TestServer server, int number) {
    String repository = "team/app" + number;
    Digest layer = upstream.putBlob(repository, BlobBench.random(LAYER + number));
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"layers\":[{\"digest\":\"%s\",\"size\":%d}]}"
            .formatted(TYPE, layer, LAYER + number);
    upstream.putManifest(repository, "v1", TYPE, manifest.getBytes(UTF_8));
    assertThat(server.get("/v2/" + repository + "/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(server.get("/v2/" + repository + "/blobs/" + layer).statusCode()).isEqualTo(200);
    return layer;
  }

  private boolean has(Digest digest) {
    return service.objects.keySet().stream().anyMatch(key -> key.contains(digest.hex()));
  }

  private static long waiting(TestServer server) throws IOException {
    return new ObjectMapper()
        .readTree(server.get("/api/cluster").body())
        .at("/bucket/waiting")
        .asLong();
  }

  private List<Digest> pullAll() {
    List<Digest> layers = new ArrayList<>();
    try (TestServer unbounded = server("0")) {
      for (int i = 0; i < IMAGES; i++) {
        layers.add(pull(unbounded, i));
      }
      await().until(() -> layers.stream().allMatch(this::has) && waiting(unbounded) == 0);
      // The first is used again, later than the others by a clock in milliseconds.
      String path = "/v2/team/app0/";
      assertThat(unbounded.get(path + "manifests/v1").statusCode()).isEqualTo(200);
      assertThat(unbounded.get(path + "blobs/" + layers.get(0)).statusCode()).isEqualTo(200);
    }
    return layers;
  }

  @Test
  void longestUnusedImagesGoFromBucketAndFolderUntilTheRestFits() throws IOException {
    List<Digest> layers = pullAll();

    // Five layers have 1.5 MB. Down to nine tenths of a megabyte two remain.
    try (TestServer bounded = server("1000KB")) {
      await().until(() -> layers.stream().filter(this::has).count() == 2);
      assertThat(has(layers.get(0))).isTrue();
      assertThat(has(layers.get(IMAGES - 1))).isTrue();
      await().until(() -> waiting(bounded) == 0);
      upstream.clearRequests();
      String path = "/v2/team/app0/blobs/" + layers.get(0);
      assertThat(layers.get(0).matches(bounded.get(path).body())).isTrue();
      assertThat(upstream.requests(request -> request.path().startsWith("/v2/team"))).isEmpty();
      assertThat(bounded.get("/v2/team/app1/blobs/" + layers.get(1)).statusCode()).isEqualTo(200);
      assertThat(upstream.blobGets(layers.get(1))).hasSize(1); // it is fetched anew
    }
  }

  @Test
  void bucketWithinItsQuotaKeepsAll() throws IOException {
    List<Digest> layers = pullAll();

    try (TestServer bounded = server("10MB")) {
      await().until(() -> bounded.get("/api/health").statusCode() == 200);
      assertThat(waiting(bounded)).isZero();
      assertThat(layers).allMatch(this::has);
    }
  }
}
