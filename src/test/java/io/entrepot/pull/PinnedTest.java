package io.entrepot.pull;

import static io.entrepot.pull.TagBench.path;
import static io.entrepot.pull.TagBench.pinned;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.oci.Digest;
import java.nio.file.Path;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Content that never expires because its tag is pinned. */
class PinnedTest {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

  @TempDir Path folder;
  private TagBench bench;

  @BeforeEach
  void open() {
    bench = new TagBench(folder, 40);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"after-use", "after-fetch"})
  void pinnedIndexKeepsItsManifestsAndTheirLayers(String mode) {
    Digest layer = bench.upstream.putBlob(new byte[] {1, 2, 3});
    Digest image = put(null, TagBench.IMAGE, "layers", TagBench.IMAGE, layer, 3);
    put("stable", INDEX, "manifests", TagBench.IMAGE, image, 300);
    bench.push("latest", "other");
    UnaryOperator<TestServer.Builder> expire = builder -> builder.set("proxy.expire", mode);
    bench.startLongAgo(pinned("team/*:sta?le"), expire);
    for (String path : new String[] {path("stable"), path(image), path("latest"), blob(layer)}) {
      assertThat(bench.server().get(path).statusCode()).isEqualTo(200);
    }
    await().until(() -> bench.server().stats().contains("\"fillsInFlight\":0"));

    bench.expire(pinned("team/*:sta?le"), expire);
    await().until(() -> bench.server().stats().contains("\"blobs\":3"));
    bench.asked();
    assertThat(bench.pull("stable").statusCode()).isEqualTo(200);
    assertThat(bench.asked()).containsExactly("HEAD " + path("stable"));
    assertThat(bench.pull(image).statusCode()).isEqualTo(200);
    assertThat(bench.server().get(blob(layer)).body()).containsExactly(1, 2, 3);
    assertThat(bench.asked()).isEmpty();
    assertThat(bench.pulled("latest")).isEqualTo("other miss");
  }

  private static String blob(Digest digest) {
    return "/v2/team/app/blobs/" + digest;
  }

  private Digest put(
      String tag, String type, String field, String childType, Digest child, int size) {
    String json =
        """
        {"schemaVersion":2,"mediaType":"%s",
         "%s":[{"mediaType":"%s","digest":"%s","size":%d}]}
        """
            .formatted(type, field, childType, child, size);
    return bench.upstream.putManifest("team/app", tag, type, json.getBytes(UTF_8));
  }
}
