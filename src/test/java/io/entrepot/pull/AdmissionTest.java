package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The answers to clients for repositories that may not be pulled. */
class AdmissionTest {
  private static final String ANY = "sha256:" + "0".repeat(64);

  @TempDir Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private final FakeRegistry lab = FakeRegistry.start();
  private TestServer server;

  @BeforeEach
  void start() {
    for (FakeRegistry registry : new FakeRegistry[] {upstream, lab}) {
      registry.putManifest("team/app", "v1", TagBench.IMAGE, TagBench.manifest("one"));
      registry.putManifest("evil/app", "v1", TagBench.IMAGE, TagBench.manifest("two"));
    }
    server = builder().set("proxy.deny", "evil/*").start();
    awaitWarmUp();
  }

  private TestServer.Builder builder() {
    return new TestServer.Builder(folder, upstream.uri())
        .set("upstreams.names", "lab")
        .set("upstreams.lab.url", lab.uri().toString());
  }

  private void awaitWarmUp() {
    await().until(() -> !upstream.requests().isEmpty() && !lab.requests().isEmpty());
    upstream.clearRequests();
    lab.clearRequests();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
    lab.close();
  }

  private void assertDenied(String path) {
    HttpResponse<byte[]> response = server.get(path);
    assertThat(response.statusCode()).isEqualTo(403);
    assertThat(new String(response.body(), UTF_8)).contains("DENIED", "its deny list has evil/*");
    assertThat(upstream.requests()).isEmpty();
  }

  @Test
  void deniedRepositoryIs403AndNothingIsAsked() {
    assertDenied("/v2/evil/app/manifests/v1");
    assertDenied("/v2/evil/app/tags/list");
    assertDenied("/v2/127.0.0.1/evil/app/manifests/v1");
    assertThat(server.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(200);
  }

  @Test
  void storedContentIsDeniedToo() {
    server.close();
    server = builder().set("proxy.revalidate", "1h").start();
    awaitWarmUp();
    assertThat(server.get("/v2/evil/app/manifests/v1").statusCode()).isEqualTo(200);
    server.close();
    server = builder().set("proxy.revalidate", "1h").set("proxy.deny", "evil/*").start();
    awaitWarmUp();
    assertDenied("/v2/evil/app/manifests/v1");
  }

  @Test
  void whatTheDefaultUpstreamAllowsAndDeniesIsNoRuleOfAnother() {
    assertThat(server.get("/v2/lab/evil/app/manifests/v1").statusCode()).isEqualTo(200);
    server.close();
    server =
        builder().set("proxy.allow", "nothing/at/all").set("upstreams.lab.deny", "team/*").start();
    awaitWarmUp();
    assertThat(server.get("/v2/team/app/manifests/v1").statusCode()).isEqualTo(403);
    assertThat(server.get("/v2/lab/evil/app/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(server.get("/v2/lab/team/app/manifests/v1").statusCode()).isEqualTo(403);
  }

  /** The default upstream has repositories that are called like the lab's (S32). */
  @Test
  void nameThatIsAskedUpstreamIsJudgedHoweverItIsWritten() {
    server.close();
    server =
        builder().set("proxy.deny", "lab/*").set("upstreams.lab.deny", "evil/*, lab/*").start();
    awaitWarmUp();
    String authority = upstream.uri().getAuthority();
    for (String query : List.of("?ns=127.0.0.1", "?ns=" + authority)) {
      for (String what : List.of("manifests/v1", "tags/list", "blobs/" + ANY, "referrers/" + ANY)) {
        HttpResponse<byte[]> refused = server.get("/v2/lab/team/app/" + what + query);
        assertThat(refused.statusCode()).as(what + query).isEqualTo(403);
        assertThat(new String(refused.body(), UTF_8)).contains("its deny list has lab/*");
        assertThat(server.head("/v2/lab/team/app/" + what + query).statusCode()).isEqualTo(403);
      }
    }
    assertThat(server.get("/v2/evil/app/manifests/v1?ns=LAB").statusCode()).isEqualTo(403);
    assertThat(server.get("/v2/lab/evil/app/manifests/v1").statusCode()).isEqualTo(403);
    assertThat(server.get("/v2/lab/lab/app/manifests/v1").statusCode()).isEqualTo(403);
    assertThat(upstream.requests()).isEmpty();
    assertThat(lab.requests()).isEmpty();

    assertThat(server.get("/v2/evil/app/manifests/v1").statusCode()).isEqualTo(200);
    assertThat(server.get("/v2/lab/team/app/manifests/v1").statusCode()).isEqualTo(200);
  }
}
