package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is fetched when a client pulls a manifest, before the client asks for it. */
class EagerTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir static Path folder;
  private static final Map<String, TestServer> SERVERS = new HashMap<>();
  private static FakeRegistry upstream;
  private static int images;

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    start("config", "config", "0");
    start("layers", "layers", "0");
    start("half", "layers", "50");
  }

  private static void start(String name, String eager, String finishFrom) {
    SERVERS.put(
        name,
        new TestServer.Builder(folder.resolve(name), upstream.uri())
            .set("proxy.eager", eager)
            .set("proxy.finishfrom", finishFrom)
            .start());
  }

  @AfterAll
  static void stop() {
    SERVERS.values().forEach(TestServer::close);
    upstream.close();
  }

  /** An image of a configuration and two layers, which no other test has. */
  private record Image(Digest manifest, Digest config, List<Digest> layers) {
    static Image put() {
      String name = "image " + images++;
      Digest config = upstream.putBlob("team/app", name.getBytes(UTF_8));
      Digest first = upstream.putBlob("team/app", (name + ", layer 1").getBytes(UTF_8));
      Digest second = upstream.putBlob("team/app", (name + ", layer 2").getBytes(UTF_8));
      String json =
          """
          {"schemaVersion":2,"mediaType":"%s","layers":[%s,%s],"config":%s}
          """
              .formatted(IMAGE, descriptor(first), descriptor(second), descriptor(config));
      Digest manifest = upstream.putManifest("team/app", null, IMAGE, json.getBytes(UTF_8));
      return new Image(manifest, config, List.of(first, second));
    }

    private static String descriptor(Digest digest) {
      return """
          {"mediaType":"application/octet-stream","digest":"%s","size":9}"""
          .formatted(digest);
    }

    List<Digest> all() {
      return List.of(config, layers.get(0), layers.get(1));
    }

    String path() {
      return "/v2/team/app/manifests/" + manifest;
    }
  }

  private static TestServer at(String server) {
    return Objects.requireNonNull(SERVERS.get(server));
  }

  private static HttpResponse<byte[]> get(String server, String path, String... headers) {
    HttpResponse<byte[]> answer = at(server).get(path, headers);
    assertThat(answer.statusCode()).as(path).isIn(200, 304);
    return answer;
  }

  private static int gets(Digest blob) {
    return upstream.requests(Recorded.blobGet(blob)).size();
  }

  private static void awaitFetched(List<Digest> blobs) {
    await().until(() -> blobs.stream().allMatch(blob -> gets(blob) == 1));
    for (TestServer server : SERVERS.values()) {
      await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    }
  }

  private static void assertHit(String of, Digest blob) {
    HttpResponse<byte[]> answer = get(of, "/v2/team/app/blobs/" + blob);
    assertThat(Digest.ofBytes(Digest.Algorithm.SHA256, answer.body())).isEqualTo(blob);
    assertThat(answer.headers().firstValue("Cache-Status").orElseThrow())
        .startsWith("entrepot; hit");
    assertThat(gets(blob)).isEqualTo(1);
  }

  /** What had been begun would be done: a later image goes through the same queues. */
  private static void assertNothingFetched(List<Digest> blobs) {
    Image later = Image.put();
    get("layers", later.path());
    awaitFetched(later.all());
    assertThat(blobs).allMatch(blob -> gets(blob) == 0);
  }

  @Test
  void configurationIsFetchedWithTheManifest() {
    Image image = Image.put();
    get("config", image.path());
    awaitFetched(List.of(image.config()));
    assertHit("config", image.config());
    assertThat(image.layers()).allMatch(layer -> gets(layer) == 0);
  }

  @Test
  void layersAreFetchedWithTheManifestAndOnce() {
    Image image = Image.put();
    get("layers", image.path());
    get("layers", image.path());
    awaitFetched(image.all());
    image.all().forEach(blob -> assertHit("layers", blob));
  }

  @Test
  void clientThatAsksMeanwhileJoins() throws Exception {
    Image image = Image.put();
    Gate gate = new Gate();
    upstream.inject(Recorded.blobGet(image.config()), Fault.gate(gate, 1), 1);
    get("config", image.path());
    gate.awaitReached();
    var answer = Background.supply(() -> get("config", "/v2/team/app/blobs/" + image.config()));
    gate.release();
    assertThat(Digest.ofBytes(Digest.Algorithm.SHA256, answer.get().body()))
        .isEqualTo(image.config());
    assertThat(gets(image.config())).isEqualTo(1);
  }

  @Test
  void failureIsForgottenWhenTheClientAsks() {
    Image image = Image.put();
    upstream.inject(Recorded.blobGet(image.config()), Fault.status(404), 1);
    get("config", image.path());
    awaitFetched(List.of(image.config()));
    get("config", "/v2/team/app/blobs/" + image.config());
    assertThat(gets(image.config())).isEqualTo(2);
  }

  @Test
  void headIndexListsAndExplainFetchNothing() {
    Image image = Image.put();
    assertThat(at("layers").head(image.path()).statusCode()).isEqualTo(200);
    String index =
        """
        {"schemaVersion":2,"manifests":[{"mediaType":"%s","digest":"%s","size":9}]}
        """
            .formatted(IMAGE, image.manifest());
    String type = "application/vnd.oci.image.index.v1+json";
    upstream.putManifest("team/app", "v1", type, index.getBytes(UTF_8));
    get("layers", "/v2/team/app/manifests/v1");
    get("layers", "/v2/team/app/tags/list");
    get("layers", "/v2/team/app/referrers/" + image.manifest());
    get("layers", "/api/explain?reference=team/app@" + image.manifest());
    assertNothingFetched(image.all());
  }

  @Test
  void manifestThatTheClientHasFetchesNothing() {
    Image image = Image.put();
    String held = "\"" + image.manifest() + "\"";
    assertThat(get("layers", image.path(), "If-None-Match", held).statusCode()).isEqualTo(304);
    assertNothingFetched(image.all());
  }

  /** Such fills would end at their first byte, because no client reads them. */
  @Test
  void layersThatWouldNotBeFinishedAreNotBegun() {
    Image image = Image.put();
    get("half", image.path());
    awaitFetched(List.of(image.config()));
    assertThat(image.layers()).allMatch(layer -> gets(layer) == 0);
  }
}
