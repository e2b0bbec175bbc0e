package io.entrepot.boot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.fixture.Garbage;
import io.entrepot.fixture.GarbageServer;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a client is told when its upstream answers garbage (S13). */
class GarbageUpstreamTest {
  private static final Digest BLOB = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[3]);

  @TempDir Path folder;
  private final AtomicReference<Garbage> kind = new AtomicReference<>(Garbage.NOISE);
  private GarbageServer upstream;
  private TestServer server;

  @BeforeEach
  void start() {
    upstream = GarbageServer.start(i -> kind.get());
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.breaker.failures", "1000")
            .set("proxy.negative", "0s")
            .start();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void everyKindIsA502AndAConnectionThatIsFreeAgain() {
    for (Garbage garbage : Garbage.values()) {
      kind.set(garbage);
      for (String path :
          new String[] {
            "/v2/team/app/blobs/" + BLOB,
            "/v2/team/app/manifests/" + BLOB,
            "/v2/team/app/manifests/v1",
            "/v2/team/app/tags/list"
          }) {
        assert502(garbage, path, server.get(path));
      }
      assertThat(server.head("/v2/team/app/blobs/" + BLOB).statusCode())
          .as("HEAD, %s", garbage)
          .isIn(502, 504);
    }
    assertThat(new String(server.get("/metrics").body(), UTF_8))
        .contains(
            "entrepot_upstream_connections{upstream=\""
                + upstream.uri().getAuthority()
                + "\"} 0.0");
  }

  private static void assert502(Garbage garbage, String path, HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).as("%s, %s", path, garbage).isEqualTo(502);
    assertThat(new String(response.body(), UTF_8)).contains("\"code\":\"");
  }
}
