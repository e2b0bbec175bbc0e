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
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.commons.io.FileUtils;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cache with a quota of 8 MiB, from which images of 1 MiB are pulled (F3). One of its two
 * upstreams has a quota of 4 MiB.
 */
class StorageQuotaTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final int LAYER = 1_000_000;
  private static final long QUOTA = 8L << 20;
  private static final long OTHER_QUOTA = 4L << 20;
  private static final String APP = "team/app";
  private static final String OTHER_APP = "other/team/app";

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static FakeRegistry other;
  private static TestServer server;

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    other = FakeRegistry.start();
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("upstreams.names", "other")
            .set("upstreams.other.url", other.uri().toString())
            .set("upstreams.other.quota", "4MiB")
            .set("storage.quota", "8MiB")
            .set("storage.lowwater", "75")
            .set("storage.unlinkgrace", "0s")
            .set("expiry.pins", "team/app:pinned")
            .set("proxy.revalidate", "1h")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
    other.close();
  }

  @Test
  void imagesThatWereNotUsedForLongestMakeRoom() throws IOException {
    Digest pinned = push(upstream, "pinned", 0);
    Digest hot = push(upstream, "hot", 1);
    Digest asked = push(upstream, "asked", 2);
    pull(APP, "pinned", pinned);
    pull(APP, "hot", hot);
    pull(APP, "asked", asked);
    for (int i = 3; i < 14; i++) {
      String tag = "image-" + i;
      Digest layer = push(upstream, tag, i);
      pull(APP, tag, layer);
      assertThat(server.get("/v2/team/app/blobs/" + hot).statusCode()).isEqualTo(200);
      // Whoever only asks does not use it.
      assertThat(server.send("HEAD", "/v2/team/app/manifests/asked").statusCode()).isEqualTo(200);
      assertThat(bytesStored()).isLessThanOrEqualTo(QUOTA);
    }
    assertThat(upstream.blobGets(pinned)).hasSize(1);
    assertThat(upstream.blobGets(hot)).hasSize(1);
    pull(APP, "pinned", pinned);
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
    Digest small = push(upstream, "small", 21);
    pull(APP, "small", small);
    Digest large = upstream.putGeneratedBlob(QUOTA + 1, 7);

    HttpResponse<byte[]> response = server.get("/v2/team/app/blobs/" + large);

    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).hasSize((int) QUOTA + 1);
    assertThat(response.headers().firstValue("Cache-Status"))
        .contains("entrepot; fwd=miss; detail=miss");
    pull(APP, "small", small);
    assertThat(upstream.blobGets(small)).hasSize(1);
    assertThat(text("/api/health"))
        .contains("no room for a fill of 8388609 bytes: storage.quota is only 8388608 bytes");
  }

  @Test
  void upstreamWithAQuotaMakesRoomByItsOwnImages() {
    Digest stays = push(upstream, "stays", 31);
    pull(APP, "stays", stays);
    List<Digest> own = new ArrayList<>();
    for (int i = 0; i < 7; i++) {
      own.add(push(other, "image-" + i, 40 + i));
      pull(OTHER_APP, "image-" + i, own.get(i));
      assertThat(own.stream().filter(StorageQuotaTest::isStored).count() * LAYER)
          .isLessThanOrEqualTo(OTHER_QUOTA);
    }
    pull(OTHER_APP, "image-6", own.get(6));
    assertThat(other.blobGets(own.get(6))).as("the last one").hasSize(1);
    pull(OTHER_APP, "image-0", own.get(0));
    assertThat(other.blobGets(own.get(0))).as("the first one has made room").hasSize(2);
    pull(APP, "stays", stays);
    assertThat(upstream.blobGets(stays)).as("of the other upstream").hasSize(1);
    String name = "{upstream=\"" + other.uri().getAuthority() + "\"} ";
    assertThat(text("/metrics"))
        .contains("entrepot_upstream_quota_bytes" + name + "4194304.0")
        .contains("entrepot_upstream_taken_bytes" + name);
  }

  /** F28: once the folder is there again, what was in it takes nothing of the quota. */
  @Test
  void removedFolderMakesRoomWithoutARestart() throws IOException {
    for (int i = 50; i < 57; i++) {
      pull(APP, "image-" + i, push(upstream, "image-" + i, i));
    }
    FileUtils.deleteDirectory(folder.resolve("data/blobs").toFile());
    for (int i = 60; i < 67; i++) {
      Digest layer = push(upstream, "image-" + i, i);
      pull(APP, "image-" + i, layer);
      assertThat(isStored(layer)).isTrue();
    }
    assertThat(bytesStored()).isBetween(5L * LAYER, QUOTA);
  }

  @Test
  void blobThatIsLargerThanTheQuotaOfItsUpstreamIsNotKept() {
    Digest large = other.putGeneratedBlob(OTHER_QUOTA + 1, 8);
    assertThat(server.get("/v2/other/team/app/blobs/" + large).body())
        .hasSize((int) OTHER_QUOTA + 1);
    assertThat(isStored(large)).isFalse();
    assertThat(text("/api/health"))
        .contains("no room for 4194305 bytes of other: its quota is only 4194304 bytes");
  }

  /** Puts an image with one layer into an upstream. */
  private static Digest push(FakeRegistry into, String tag, int seed) {
    Digest layer = into.putGeneratedBlob(LAYER, seed);
    String json =
        """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"a/b","digest":"%s","size":%d},
         "layers":[]}
        """
            .formatted(MANIFEST, layer, LAYER);
    into.putManifest("team/app", tag, MANIFEST, json.getBytes(UTF_8));
    return layer;
  }

  private static void pull(String repository, String tag, Digest layer) {
    String at = "/v2/" + repository;
    assertThat(server.get(at + "/manifests/" + tag).statusCode()).isEqualTo(200);
    HttpResponse<byte[]> blob = server.get(at + "/blobs/" + layer);
    assertThat(blob.statusCode()).isEqualTo(200);
    assertThat(layer.matches(blob.body())).isTrue();
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
  }

  private static String text(String path) {
    return new String(server.get(path).body(), UTF_8);
  }

  private static boolean isStored(Digest digest) {
    String hex = digest.hex();
    return Files.exists(folder.resolve("data/blobs/sha256/" + hex.substring(0, 2) + "/" + hex));
  }

  private static long bytesStored() throws IOException {
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
