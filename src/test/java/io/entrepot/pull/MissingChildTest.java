package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * An index is stored, but content that it lists is missing, for example after an eviction or a
 * manual deletion. A pull fetches only the missing content (F5).
 */
class MissingChildTest {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private final byte[] layer = BlobBench.random(300_000);
  private TestServer server;
  private Digest blob;
  private Digest image;
  private Digest index;

  /** The content that may be missing. */
  enum Part {
    LAYER,
    IMAGE,
    INDEX
  }

  @BeforeEach
  void pullOnce() {
    blob = upstream.putBlob("team/app", layer);
    image = put(null, IMAGE, "\"layers\":[" + descriptor("application/gzip", blob) + "]");
    index = put("v1", INDEX, "\"manifests\":[" + descriptor(IMAGE, image) + "]");
    server = start();
    assertWholePull();
    restart();
  }

  private Digest put(String tag, String type, String rest) {
    String json = "{\"schemaVersion\":2,\"mediaType\":\"" + type + "\"," + rest + "}";
    return upstream.putManifest("team/app", tag, type, json.getBytes(UTF_8));
  }

  private static String descriptor(String type, Digest digest) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":1}".formatted(type, digest);
  }

  private TestServer start() {
    return new TestServer.Builder(folder, upstream.uri()).start();
  }

  /** Restarts the cache, so that its memory is empty. */
  private void restart() {
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    server.close();
    upstream.clearRequests();
    server = start();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @ParameterizedTest
  @EnumSource
  void partThatIsMissingIsFetchedAgainAndKept(Part part) throws IOException {
    Digest digest = digest(part);
    Files.delete(file(digest));
    assertWholePull();
    assertThat(gets())
        .singleElement()
        .satisfies(get -> assertThat(get).endsWith(digest.toString()));
    restart();
    assertThat(file(digest)).isRegularFile();
    assertWholePull();
    assertThat(gets()).isEmpty();
  }

  @Test
  void allThatIsMissingIsFetchedAgain() throws IOException {
    for (Part part : Part.values()) {
      Files.delete(file(digest(part)));
    }
    assertWholePull();
    assertThat(gets()).hasSize(3);
  }

  @Test
  void partThatIsMissingWhileTheUpstreamIsDownIsAnErrorThatSaysSo() throws IOException {
    Files.delete(file(image));
    Files.delete(file(blob));
    upstream.close();
    assertThat(get("manifests/" + index).statusCode()).isEqualTo(200);
    assertThat(get("manifests/" + image).statusCode()).isEqualTo(502);
    assertThat(get("blobs/" + blob).statusCode()).isEqualTo(502);
  }

  /** Pulls like a client: the tag, its manifests, and all blobs. */
  private void assertWholePull() {
    assertThat(digestOf(get("manifests/v1"))).isEqualTo(index);
    assertThat(digestOf(get("manifests/" + image))).isEqualTo(image);
    HttpResponse<byte[]> bytes = get("blobs/" + blob);
    assertThat(bytes.statusCode()).isEqualTo(200);
    assertThat(bytes.body()).isEqualTo(layer);
  }

  private HttpResponse<byte[]> get(String what) {
    return server.get("/v2/team/app/" + what);
  }

  private static Digest digestOf(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    return Digest.ofBytes(Digest.Algorithm.SHA256, response.body());
  }

  private Digest digest(Part part) {
    return switch (part) {
      case LAYER -> blob;
      case IMAGE -> image;
      case INDEX -> index;
    };
  }

  private Path file(Digest digest) {
    return folder
        .resolve("data/blobs/sha256")
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex());
  }

  private List<String> gets() {
    return upstream.requests(Recorded.method("GET").and(Recorded.path("/v2/").negate())).stream()
        .map(Recorded::path)
        .toList();
  }
}
