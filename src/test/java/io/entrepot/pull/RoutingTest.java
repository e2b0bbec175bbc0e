package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two upstreams of one cache: which one is asked, for which names, and which names mean the same
 * repository (S4).
 */
class RoutingTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] MANIFEST =
      "{\"schemaVersion\":2,\"mediaType\":\"%s\"}".formatted(IMAGE).getBytes(UTF_8);
  private static final byte[] LAYER = "a layer".getBytes(UTF_8);

  @TempDir Path folder;
  private FakeRegistry upstream;
  private FakeRegistry lab;
  private TestServer server;
  private Digest layer;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    lab = FakeRegistry.start();
    lab.putManifest("team/app", "v1", IMAGE, MANIFEST);
    layer = lab.putBlob("team/app", LAYER);
    server = builder().start();
    awaitWarmUp(upstream);
    awaitWarmUp(lab);
  }

  private TestServer.Builder builder() {
    return new TestServer.Builder(folder, upstream.uri())
        .set("proxy.revalidate", "1h")
        .set("upstreams.names", "lab")
        .set("upstreams.lab.url", lab.uri().toString())
        .set("upstreams.lab.hosts", "localhost");
  }

  private static void awaitWarmUp(FakeRegistry registry) {
    await().until(() -> !registry.requests().isEmpty());
    registry.clearRequests();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
    lab.close();
  }

  private List<String> labAsked() {
    return lab.requests().stream().map(r -> r.method() + " " + r.path()).toList();
  }

  @Test
  void firstComponentOfThePathNamesTheUpstream() {
    HttpResponse<byte[]> response = server.get("/v2/lab/team/app/manifests/v1");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(MANIFEST);
    assertThat(labAsked()).first().isEqualTo("HEAD /v2/team/app/manifests/v1");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void containerdNamesTheUpstreamByItsParameterAndIsToldOfIt() {
    HttpResponse<byte[]> response = server.get("/v2/team/app/manifests/v1?ns=lab");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("OCI-Namespace")).hasValue("lab");
    String authority = lab.uri().getAuthority();
    assertThat(server.get("/v2/team/app/manifests/v1?ns=" + authority).statusCode()).isEqualTo(200);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void containerdIsToldOfTheUpstreamWithAnErrorToo() {
    HttpResponse<byte[]> absent = server.get("/v2/team/app/manifests/none?ns=lab");
    assertThat(absent.statusCode()).isEqualTo(404);
    assertThat(absent.headers().firstValue("OCI-Namespace")).hasValue("lab");
    assertThat(absent.headers().firstValue("Cache-Status")).isPresent();
  }

  @Test
  void hostNameNamesTheUpstream() {
    assertThat(server.getFrom("localhost", "/v2/team/app/manifests/v1").body()).isEqualTo(MANIFEST);
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void repositoryIsOneWhicheverWayTheClientNamedIt() {
    server.get("/v2/lab/team/app/blobs/" + layer);
    server.get("/v2/lab/team/app/manifests/v1");
    lab.clearRequests();
    assertThat(server.get("/v2/team/app/blobs/" + layer + "?ns=lab").body()).isEqualTo(LAYER);
    assertThat(server.getFrom("localhost", "/v2/team/app/blobs/" + layer).body()).isEqualTo(LAYER);
    assertThat(server.get("/v2/team/app/manifests/v1?ns=lab").body()).isEqualTo(MANIFEST);
    assertThat(lab.requests()).isEmpty();
    assertThat(new String(server.get("/v2/_catalog").body(), UTF_8))
        .isEqualTo("{\"repositories\":[\"lab/team/app\"]}");
  }

  @Test
  void namespaceThatIsNoUpstreamIsUnknownAndNothingIsAsked() {
    HttpResponse<byte[]> response = server.get("/v2/team/app/manifests/v1?ns=169.254.169.254");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(response.headers().firstValue("OCI-Namespace")).isEmpty();
    assertThat(new String(response.body(), UTF_8))
        .contains("NAME_UNKNOWN", "its upstreams are 127.0.0.1, lab");
    assertThat(upstream.requests()).isEmpty();
    assertThat(lab.requests()).isEmpty();
  }

  /**
   * The bytes are stored for the lab's repository. That gives no permission to other repositories
   * (S5).
   */
  @Test
  void blobOfOneUpstreamIsNoBlobOfAnother() {
    server.get("/v2/lab/team/app/blobs/" + layer);
    assertThat(server.get("/v2/team/app/blobs/" + layer).statusCode()).isEqualTo(404);
    assertThat(upstream.requests()).extracting(Recorded::method).containsExactly("GET");
  }

  /** The blob is small, so it is the proof itself (S30). */
  @Test
  void blobThatBothUpstreamsHaveIsSentByBoth() {
    upstream.putBlob("team/app", LAYER);
    server.get("/v2/lab/team/app/blobs/" + layer);
    assertThat(server.get("/v2/team/app/blobs/" + layer).body()).isEqualTo(LAYER);
    assertThat(upstream.requests()).extracting(r -> r.method()).containsExactly("GET");
  }

  @Test
  void listOfTagsIsCalledAndContinuedAsTheClientNamedIt() {
    lab.putManifest("team/app", "v2", IMAGE, MANIFEST);
    HttpResponse<byte[]> byPath = server.get("/v2/lab/team/app/tags/list?n=1");
    assertThat(new String(byPath.body(), UTF_8)).contains("\"name\":\"lab/team/app\"");
    assertThat(byPath.headers().firstValue("Link"))
        .hasValue("</v2/lab/team/app/tags/list?last=v1&n=1>; rel=\"next\"");
    HttpResponse<byte[]> byNamespace = server.get("/v2/team/app/tags/list?n=1&ns=lab");
    assertThat(new String(byNamespace.body(), UTF_8)).contains("\"name\":\"team/app\"");
    assertThat(byNamespace.headers().firstValue("Link"))
        .hasValue("</v2/team/app/tags/list?last=v1&n=1&ns=lab>; rel=\"next\"");
  }

  @Test
  void listOfTagsIsContinuedByTheHostNameThatNamedTheUpstream() {
    server.close();
    server = builder().set("http.host", "https://cache.example").start();
    lab.putManifest("team/app", "v2", IMAGE, MANIFEST);
    String list = "/v2/team/app/tags/list?n=1";
    assertThat(server.getFrom("localhost", list).headers().firstValue("Link"))
        .hasValue("</v2/team/app/tags/list?last=v1&n=1>; rel=\"next\"");
    assertThat(server.get("/v2/lab/team/app/tags/list?n=1").headers().firstValue("Link"))
        .hasValue("<https://cache.example/v2/lab/team/app/tags/list?last=v1&n=1>; rel=\"next\"");
  }

  @Test
  void offlineUpstreamIsNotAskedAndWhatItLacksIsListed() {
    server.get("/v2/lab/team/app/manifests/v1");
    server.close();
    lab.clearRequests();
    server = builder().set("upstreams.lab.offline", "true").set("proxy.revalidate", "0s").start();
    HttpResponse<byte[]> cached = server.get("/v2/lab/team/app/manifests/v1");
    assertThat(cached.statusCode()).isEqualTo(200);
    assertThat(cached.headers().firstValue("Cache-Status").orElse("")).endsWith("detail=stale");
    HttpResponse<byte[]> absent = server.get("/v2/lab/team/app/manifests/v2");
    assertThat(absent.statusCode()).isEqualTo(504);
    assertThat(new String(absent.body(), UTF_8))
        .contains("UNAVAILABLE", "upstream lab is set to offline");
    assertThat(server.get("/v2/team/app/blobs/" + layer + "?ns=lab").statusCode()).isEqualTo(504);
    HttpResponse<byte[]> referrers = server.get("/v2/lab/team/app/referrers/" + layer);
    assertThat(referrers.statusCode()).isEqualTo(504);
    assertThat(lab.requests()).isEmpty();
    assertThat(new String(server.get("/api/missing").body(), UTF_8))
        .contains("lab/team/app@" + layer + " (referrers)")
        .contains("\"reference\":\"lab/team/app:v2\",\"times\":1")
        .contains("lab/team/app@" + layer + " (blob)")
        .doesNotContain("app:v1");
  }

  @Test
  void healthTellsOfEachUpstream() {
    server.close();
    lab.close();
    server = builder().start();
    await()
        .untilAsserted(
            () ->
                assertThat(new String(server.get("/api/health").body(), UTF_8))
                    .contains("\"what\":\"upstream lab\""));
  }
}
