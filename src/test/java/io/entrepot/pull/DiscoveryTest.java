package io.entrepot.pull;

import static io.entrepot.pull.TagBench.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Content other than common images, from the second of two upstreams: signatures, referrers, tag
 * lists, artifacts of every kind, unusual blobs.
 */
@Timeout(60)
class DiscoveryTest {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final String SIGNATURE = "application/vnd.dev.cosign.artifact.sig.v1+json";
  private static final String SBOM = "application/spdx+json";
  private static final byte[] EMPTY = "{}".getBytes(UTF_8);

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private final FakeRegistry lab = FakeRegistry.start();
  private TestServer server;

  @BeforeEach
  void start() {
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.revalidate", "1h")
            .set("upstreams.names", "lab")
            .set("upstreams.lab.url", lab.uri().toString())
            .start();
    await().until(() -> !upstream.requests().isEmpty() && !lab.requests().isEmpty());
    upstream.clearRequests();
    lab.clearRequests();
  }

  @AfterEach
  void stop() {
    server.close();
    assertThat(upstream.requests()).as("asked of the other upstream").isEmpty();
    upstream.close();
    lab.close();
  }

  private HttpResponse<byte[]> get(String rest, String... headers) {
    HttpResponse<byte[]> response = server.get("/v2/lab/team/app/" + rest, headers);
    assertThat(response.statusCode()).as(rest).isBetween(200, 206);
    return response;
  }

  private List<String> askedAndForgotten() {
    List<String> asked =
        lab.requests().stream().map(r -> r.method() + " " + r.path() + "?" + r.query()).toList();
    lab.clearRequests();
    return asked;
  }

  private static byte[] artifact(String artifactType, Digest config, Digest layer, int size) {
    return """
        {"schemaVersion":2,"mediaType":"%s","artifactType":"%s",
         "config":{"mediaType":"application/vnd.oci.empty.v1+json","digest":"%s","size":2},
         "layers":[{"mediaType":"%s","digest":"%s","size":%d}]}
        """
        .formatted(TagBench.IMAGE, artifactType, config, artifactType, layer, size)
        .getBytes(UTF_8);
  }

  private static boolean hasFilter(HttpResponse<?> response) {
    return response.headers().firstValue("OCI-Filters-Applied").isPresent();
  }

  private Digest refer(Digest subject, String type) {
    byte[] manifest = artifact(type, lab.putBlob(EMPTY), lab.putBlob(type.getBytes(UTF_8)), 1);
    return lab.putReferrer("team/app", subject, TagBench.IMAGE, type, manifest);
  }

  @Test
  void referrersAreFilteredByTheUpstreamAndKept() {
    Digest subject = lab.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    Digest signature = refer(subject, SIGNATURE);
    Digest sbom = refer(subject, SBOM);
    HttpResponse<byte[]> all = get("referrers/" + subject);
    assertThat(text(all)).contains(signature.toString(), sbom.toString());
    assertThat(all.headers().firstValue("Content-Type")).hasValue(INDEX);
    assertThat(hasFilter(all)).isFalse();
    String filtered = "referrers/" + subject + "?artifactType=application%2Fspdx%2Bjson";
    HttpResponse<byte[]> one = get(filtered);
    assertThat(text(one)).contains(sbom.toString()).doesNotContain(signature.toString());
    assertThat(one.headers().firstValue("OCI-Filters-Applied")).hasValue("artifactType");
    assertThat(askedAndForgotten())
        .containsExactly(
            "GET /v2/team/app/referrers/" + subject + "?null",
            "GET /v2/team/app/referrers/" + subject + "?artifactType=application%2Fspdx%2Bjson");
    assertThat(get(filtered).body()).isEqualTo(one.body());
    assertThat(hasFilter(get(filtered))).isTrue();
    assertThat(askedAndForgotten()).isEmpty();
  }

  @Test
  void upstreamThatDoesNotFilterIsNotSaidToHave() {
    Digest subject = lab.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    Digest signature = refer(subject, SIGNATURE);
    lab.withoutReferrersFilter();
    HttpResponse<byte[]> response = get("referrers/" + subject + "?artifactType=any/thing");
    assertThat(text(response)).contains(signature.toString());
    assertThat(hasFilter(response)).isFalse();
  }

  /** Clients have two ways: they request the tag schema themselves, or use the referrers API. */
  @Test
  void referrersTagStandsInForTheApi() {
    lab.withoutReferrersApi();
    Digest subject = lab.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
    Digest signature = refer(subject, SIGNATURE);
    String tag = subject.toString().replace(':', '-');
    byte[] index =
        """
        {"schemaVersion":2,"mediaType":"%s","manifests":[{"mediaType":"%s","digest":"%s",
        "size":1,"artifactType":"%s"}]}"""
            .formatted(INDEX, TagBench.IMAGE, signature, SIGNATURE)
            .getBytes(UTF_8);
    lab.putManifest("team/app", tag, INDEX, index);
    HttpResponse<byte[]> response = get("referrers/" + subject);
    assertThat(response.body()).isEqualTo(index);
    assertThat(hasFilter(response)).isFalse();
    HttpResponse<byte[]> others = get("referrers/" + subject + "?artifactType=" + "x");
    assertThat(text(others)).contains("\"manifests\":[]");
    assertThat(hasFilter(others)).isTrue();
    assertThat(get("manifests/" + tag).body()).isEqualTo(index);
    assertThat(text(get("manifests/" + signature))).contains(SIGNATURE);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7, 10_000})
  void tagsAreListedToTheLastByAnyCount(int n) {
    List<String> tags = List.of("a", "b", "c", "d", "e", "f", "g");
    tags.forEach(tag -> lab.putManifest("team/app", tag, TagBench.IMAGE, TagBench.manifest(tag)));
    List<String> seen = new ArrayList<>();
    String next = "/v2/lab/team/app/tags/list?n=" + n;
    int pages = 0;
    while (next != null) {
      HttpResponse<byte[]> page = server.get(next);
      String list = text(page);
      String quoted = list.substring(list.indexOf('[') + 1, list.indexOf(']'));
      seen.addAll(List.of(quoted.replace("\"", "").split(",")));
      String link = page.headers().firstValue("Link").orElse(null);
      next = link == null ? null : link.substring(1, link.indexOf('>'));
      pages++;
    }
    assertThat(seen).isEqualTo(tags);
    assertThat(pages).isEqualTo((tags.size() + n - 1) / n);
    assertThat(askedAndForgotten()).hasSize(pages);
  }

  @ParameterizedTest
  @CsvSource({
    "application/vnd.cncf.helm.config.v1+json, application/vnd.cncf.helm.chart.content.v1.tar+gzip",
    "application/vnd.wasm.config.v0+json, application/wasm",
    "application/vnd.oci.empty.v1+json, application/vnd.example.sbom",
    "application/vnd.docker.container.image.v1+json, application/vnd.docker.image.rootfs.diff",
  })
  void artifactOfAnyKindIsPulledAndKept(String configType, String layerType) {
    byte[] content = BlobBench.random(70_000);
    Digest config = lab.putBlob("team/app", EMPTY);
    Digest layer = lab.putBlob("team/app", content);
    byte[] manifest =
        """
        {"schemaVersion":2,"mediaType":"%s","config":{"mediaType":"%s","digest":"%s","size":2},
         "layers":[{"mediaType":"%s","digest":"%s","size":70000}]}
        """
            .formatted(TagBench.IMAGE, configType, config, layerType, layer)
            .getBytes(UTF_8);
    lab.putManifest("team/app", "v1", TagBench.IMAGE, manifest);
    for (int pull = 0; pull < 2; pull++) {
      HttpResponse<byte[]> got = get("manifests/v1");
      assertThat(got.body()).isEqualTo(manifest);
      assertThat(got.headers().firstValue("Content-Type")).hasValue(TagBench.IMAGE);
      assertThat(get("blobs/" + config).body()).isEqualTo(EMPTY);
      assertThat(get("blobs/" + layer).body()).isEqualTo(content);
      await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    }
    assertThat(askedAndForgotten()).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource
  void oddBlobsArePulledAndKeptByAnyAlgorithm(Digest.Algorithm algorithm) {
    for (byte[] bytes : List.of(new byte[0], new byte[] {7}, EMPTY, BlobBench.random(100_000))) {
      Digest digest = lab.putBlob("team/app", algorithm, Content.of(bytes));
      for (int pull = 0; pull < 2; pull++) {
        HttpResponse<byte[]> got = get("blobs/" + digest);
        assertThat(got.body()).isEqualTo(bytes);
        assertThat(got.headers().firstValue("Docker-Content-Digest")).hasValue(digest.toString());
        await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
      }
      assertThat(lab.blobGets(digest)).hasSize(1);
    }
  }

  @Test
  void manifestBySha512IsPulledAndKept() {
    byte[] manifest = TagBench.manifest("one");
    Digest digest =
        lab.putManifest(Digest.Algorithm.SHA512, "team/app", null, TagBench.IMAGE, manifest);
    assertThat(get("manifests/" + digest).body()).isEqualTo(manifest);
    assertThat(get("manifests/" + digest).body()).isEqualTo(manifest);
    assertThat(askedAndForgotten()).hasSize(1);
  }

  /** The footer first and then other ranges in any order, as for eStargz and zstd:chunked. */
  @Test
  void rangesFarAheadOfAFillThatStandsStillAreAnsweredAtOnce() throws Exception {
    int size = 24 << 20;
    Digest blob = lab.putGeneratedBlob(size, 11);
    Gate gate = new Gate();
    lab.inject(
        Recorded.blobGet(blob).and(r -> r.header("Range") == null), Fault.gate(gate, 100_000));
    byte[] bytes = Content.generated(size, 11).bytes();
    int[] firsts = {size - 51, 12 << 20, 20 << 20};
    for (int first : firsts) {
      int last = Math.min(size, first + 4_096) - 1;
      String range = first == size - 51 ? "bytes=-51" : "bytes=" + first + "-" + last;
      HttpResponse<byte[]> part = get("blobs/" + blob, "Range", range);
      assertThat(part.statusCode()).isEqualTo(206);
      assertThat(part.headers().firstValue("Content-Range"))
          .hasValue("bytes " + first + "-" + last + "/" + size);
      assertThat(part.body()).isEqualTo(Arrays.copyOfRange(bytes, first, last + 1));
    }
    assertThat(lab.blobGets(blob)).hasSize(4);
    gate.release();
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    assertThat(get("blobs/" + blob, "Range", "bytes=5000000-5000009").body())
        .isEqualTo(Arrays.copyOfRange(bytes, 5_000_000, 5_000_010));
    assertThat(lab.blobGets(blob)).as("and the two gaps between the ranges").hasSize(6);
  }
}
