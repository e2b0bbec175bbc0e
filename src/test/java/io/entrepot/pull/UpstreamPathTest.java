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

/** Upstreams whose URL has a path, as projects of Harbor have. Two of them share a host. */
class UpstreamPathTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final byte[] LAYER = "a layer".getBytes(UTF_8);

  @TempDir Path folder;
  private FakeRegistry harbor;
  private TestServer server;
  private Digest layer;

  @BeforeEach
  void start() {
    harbor = FakeRegistry.start();
    harbor.requireTokens();
    layer = put("proxy-cache/library/app", "proxied");
    put("team/library/app", "of the team");
    put("main/app", "main");
    server =
        new TestServer.Builder(folder, harbor.uri().resolve("/main"))
            .set("upstreams.names", "docker.io, team")
            .set("upstreams.docker.io.url", harbor.uri().resolve("/proxy-cache/").toString())
            .set("upstreams.team.url", harbor.uri().resolve("/team").toString())
            .start();
    await().until(() -> harbor.requests().size() >= 6);
    harbor.clearRequests();
  }

  @AfterEach
  void stop() {
    server.close();
    harbor.close();
  }

  private Digest put(String repository, String content) {
    harbor.putManifest(repository, "v1", IMAGE, manifest(content));
    return harbor.putBlob(repository, LAYER);
  }

  private static byte[] manifest(String content) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"annotations\":{\"is\":\"%s\"}}"
        .formatted(IMAGE, content)
        .getBytes(UTF_8);
  }

  @Test
  void pathBeginsTheNameOfEachRepository() {
    assertThat(server.get("/v2/app/manifests/v1").body()).isEqualTo(manifest("main"));
    assertThat(server.get("/v2/team/library/app/manifests/v1").body())
        .isEqualTo(manifest("of the team"));
    assertThat(server.get("/v2/docker.io/app/manifests/v1").body()).isEqualTo(manifest("proxied"));
    assertThat(server.get("/v2/docker.io/app/blobs/" + layer).body()).isEqualTo(LAYER);
    assertThat(harbor.requests())
        .extracting(Recorded::path)
        .filteredOn(path -> path.startsWith("/v2/"))
        .allMatch(
            path -> path.matches("/v2/(main/app|team/library/app|proxy-cache/library/app)/.*"));
    assertThat(harbor.tokenRequests())
        .extracting(request -> request.query().replace("%3A", ":").replace("%2F", "/"))
        .anyMatch(query -> query.contains("scope=repository:main/app:pull"))
        .anyMatch(query -> query.contains("scope=repository:team/library/app:pull"))
        .anyMatch(query -> query.contains("scope=repository:proxy-cache/library/app:pull"));
  }

  @Test
  void listOfTagsHasTheNameThatTheClientUsed() {
    harbor.putManifest("team/library/app", "v2", IMAGE, manifest("two"));
    HttpResponse<byte[]> list = server.get("/v2/team/library/app/tags/list?n=1");
    assertThat(new String(list.body(), UTF_8))
        .isEqualTo("{\"name\":\"team/library/app\",\"tags\":[\"v1\"]}");
    assertThat(list.headers().firstValue("Link"))
        .hasValue("</v2/team/library/app/tags/list?last=v1&n=1>; rel=\"next\"");
    assertThat(new String(server.get("/v2/team/library/app/tags/list?last=v1&n=1").body(), UTF_8))
        .contains("v2");
  }

  @Test
  void hostThatUpstreamsShareMeansTheOneWhosePathTheRequestHas() {
    String ns = "?ns=" + harbor.uri().getAuthority();
    assertThat(server.get("/v2/team/library/app/manifests/v1" + ns).body())
        .isEqualTo(manifest("of the team"));
    assertThat(server.get("/v2/proxy-cache/library/app/manifests/v1" + ns).body())
        .isEqualTo(manifest("proxied"));
    assertThat(server.get("/v2/main/app/manifests/v1" + ns).body()).isEqualTo(manifest("main"));
    harbor.clearRequests();
    HttpResponse<byte[]> other = server.get("/v2/library/app/manifests/v1" + ns);
    assertThat(other.statusCode()).isEqualTo(404);
    assertThat(new String(other.body(), UTF_8)).contains("NAME_UNKNOWN", "proxy-cache");
    assertThat(harbor.requests()).isEmpty();
  }

  @Test
  void blobOfOnePartIsNoBlobOfTheOther() {
    Digest secret = harbor.putBlob("team/library/app", "secret".getBytes(UTF_8));
    assertThat(server.get("/v2/team/library/app/blobs/" + secret).statusCode()).isEqualTo(200);
    assertThat(server.get("/v2/docker.io/app/blobs/" + secret).statusCode()).isEqualTo(404);
  }

  @Test
  void upstreamsOfOneHostHaveMetricsAndBreakersOfTheirOwn() {
    server.get("/v2/team/library/app/blobs/" + layer);
    String authority = harbor.uri().getAuthority();
    String metrics = new String(server.get("/metrics").body(), UTF_8);
    for (String path : List.of("main", "proxy-cache", "team")) {
      assertThat(metrics)
          .contains("entrepot_upstream_breaker{upstream=\"" + authority + "/" + path + "\"}");
    }
    assertThat(new String(server.get("/api/stats").body(), UTF_8))
        .contains("http://" + authority + "/team/", "http://" + authority + "/proxy-cache/");
  }

  @Test
  void mirrorHasAPathOfItsOwn() {
    server.close();
    try (FakeRegistry mirror = FakeRegistry.start()) {
      mirror.putManifest("copies/main/app", "v9", IMAGE, manifest("copy"));
      server =
          new TestServer.Builder(folder, harbor.uri().resolve("/main"))
              .set("proxy.mirrors", mirror.uri().resolve("/copies/main").toString())
              .start();
      harbor.close();
      assertThat(server.get("/v2/app/manifests/v9").body()).isEqualTo(manifest("copy"));
      assertThat(mirror.requests())
          .extracting(Recorded::path)
          .contains("/v2/copies/main/app/manifests/v9");
    }
  }
}
