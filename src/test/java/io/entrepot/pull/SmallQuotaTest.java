package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.LogLines;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A quota that is smaller than one image, whose blobs fit each by itself (F3). */
class SmallQuotaTest {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final int LAYER = 1_000_000;
  private static final int LAYERS = 10;
  private static final long QUOTA = 8L << 20;

  @TempDir Path folder;

  @Test
  void imageIsServedWholeAndNamedInTheLogAndTheQuotaHolds() throws IOException {
    try (FakeRegistry upstream = FakeRegistry.start();
        LogLines log = LogLines.ofInfo("io.entrepot.cache.LinkQuotas");
        TestServer server =
            new TestServer.Builder(folder, upstream.uri())
                .set("storage.quota", Long.toString(QUOTA))
                .set("storage.unlinkgrace", "0s")
                .set("proxy.revalidate", "1h")
                .start()) {
      List<Digest> layers = push(upstream);
      for (int pull = 0; pull < 2; pull++) {
        assertThat(server.get("/v2/team/app/manifests/huge").statusCode()).isEqualTo(200);
        for (Digest layer : layers) {
          HttpResponse<byte[]> blob = server.get("/v2/team/app/blobs/" + layer);
          assertThat(blob.statusCode()).isEqualTo(200);
          assertThat(layer.matches(blob.body())).isTrue();
          assertThat(bytesStored()).isLessThanOrEqualTo(QUOTA);
        }
      }
      assertThat(log.with("it has 10000000 bytes, and storage.quota is only 8388608 bytes"))
          .hasSize(1);
    }
  }

  private static List<Digest> push(FakeRegistry upstream) {
    List<Digest> layers =
        IntStream.range(0, LAYERS).mapToObj(i -> upstream.putGeneratedBlob(LAYER, i)).toList();
    String listed =
        layers.stream()
            .map("{\"mediaType\":\"a/b\",\"digest\":\"%s\",\"size\":1000000}"::formatted)
            .collect(Collectors.joining(","));
    String manifest =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"layers\":[%s]}".formatted(MANIFEST, listed);
    upstream.putManifest("team/app", "huge", MANIFEST, manifest.getBytes(UTF_8));
    return layers;
  }

  private long bytesStored() throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("data"))) {
      return all.filter(file -> file.toString().matches(".*/(blobs|spool)/.*"))
          .mapToLong(file -> Files.isRegularFile(file) ? file.toFile().length() : 0)
          .sum();
    }
  }
}
