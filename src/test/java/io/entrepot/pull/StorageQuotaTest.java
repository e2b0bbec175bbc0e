package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A cache with a quota of 8 MiB, from which images of 1 MiB are pulled (F3). */
class StorageQuotaTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final int LAYER = 1_000_000;
  private static final long QUOTA = 8L << 20;

  @TempDir Path folder;
  private FakeRegistry upstream;
  private TestServer server;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("storage.quota", "8MiB")
            .set("storage.lowwater", "75")
            .set("storage.unlinkgrace", "0s")
            .set("expiry.pins", "team/app:pinned")
            .set("proxy.revalidate", "1h")
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void imagesThatWereNotUsedForLongestMakeRoom() throws IOException {
    Digest pinned = push("pinned", 0);
    Digest hot = push("hot", 1);
    Digest asked = push("asked", 2);
    pull("pinned", pinned);
    pull("hot", hot);
    pull("asked", asked);
    for (int i = 3; i < 14; i++) {
      String tag = "image-" + i;
      Digest layer = push(tag, i);
      pull(tag, layer);
      assertThat(server.get("/v2/team/app/blobs/" + hot).statusCode()).isEqualTo(200);
      // Whoever only asks does not use it.
      assertThat(server.send("HEAD", "/v2/team/app/manifests/asked").statusCode()).isEqualTo(200);
      assertThat(bytesStored()).isLessThanOrEqualTo(QUOTA);
    }
    assertThat(upstream.blobGets(pinned)).hasSize(1);
    assertThat(upstream.blobGets(hot)).hasSize(1);
    pull("pinned", pinned);
    assertThat(server.get("/v2/team/app/blobs/" + asked).statusCode()).isEqualTo(200);
    assertThat(upstream.blobGets(pinned)).hasSize(1);
    assertThat(upstream.blobGets(asked)).hasSize(2);
    assertThat(server.stats())
        .contains("\"disk\":{\"quota\":" + QUOTA)
        .doesNotContain("\"imagesRemoved\":0");
    assertThat(text("/metrics"))
        .contains("entrepot_room_images_total", "entrepot_disk_quota_bytes");
  }

  @Test
  void blobThatIsLargerThanTheQuotaPassesThroughAndDrivesNothingOut() {
    Digest small = push("small", 1);
    pull("small", small);
    Digest large = upstream.putGeneratedBlob(QUOTA + 1, 7);

    HttpResponse<byte[]> response = server.get("/v2/team/app/blobs/" + large);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).hasSize((int) QUOTA + 1);
    assertThat(response.headers().firstValue("Cache-Status"))
        .contains("entrepot; fwd=miss; detail=miss");
    pull("small", small);
    assertThat(upstream.blobGets(small)).hasSize(1);
    assertThat(text("/api/health")).contains("no room for a fill of 8388609 bytes: storage.quota");
  }

  /** Puts an image with one layer into the upstream. */
  private Digest push(String tag, int seed) {
    Digest layer = upstream.putGeneratedBlob(LAYER, seed);
    String json =
        """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"a/b","digest":"%s","size":%d},
         "layers":[]}
        """
            .formatted(MANIFEST, layer, LAYER);
    upstream.putManifest("team/app", tag, MANIFEST, json.getBytes(UTF_8));
    return layer;
  }

  private void pull(String tag, Digest layer) {
    assertThat(server.get("/v2/team/app/manifests/" + tag).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> blob = server.get("/v2/team/app/blobs/" + layer);
    assertThat(blob.statusCode()).isEqualTo(200);
    assertThat(layer.matches(blob.body())).isTrue();
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
  }

  private String text(String path) {
    return new String(server.get(path).body(), UTF_8);
  }

  private long bytesStored() throws IOException {
    long bytes = 0;
    for (String part : new String[] {"blobs", "spool"}) {
      try (Stream<Path> all = Files.walk(folder.resolve("data").resolve(part))) {
        for (Path file : all.filter(Files::isRegularFile).toList()) {
          bytes += file.toFile().length(); // 0 for what has just gone
        }
      }
    }
    return bytes;
  }
}
