package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Garbage;
import io.entrepot.fixture.GarbageServer;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The errors for clients when the upstream sends invalid answers (S13). There is one repository for
 * each kind.
 */
class GarbageUpstreamTest {
  @TempDir Path folder;
  private final ExecutorService clients = Executors.newCachedThreadPool();
  private GarbageServer upstream;
  private TestServer server;

  @BeforeEach
  void start() {
    upstream = GarbageServer.start(GarbageUpstreamTest::asAsked);
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.breaker.failures", "1000")
            .set("proxy.maxblobsize", "1MiB")
            .start();
  }

  @AfterEach
  void stop() {
    clients.shutdownNow();
    server.close();
    upstream.close();
  }

  private static Garbage asAsked(String head) {
    return Arrays.stream(Garbage.values())
        .filter(kind -> head.contains(" /v2/" + repository(kind) + "/"))
        .findFirst()
        .orElse(Garbage.NOISE);
  }

  private static String repository(Garbage kind) {
    return kind.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Digest digest(Garbage kind) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, kind.name().getBytes(UTF_8));
  }

  @Test
  void everyKindIsA502AndAConnectionThatIsFreeAgain() {
    List<CompletableFuture<Void>> pulls = new ArrayList<>();
    for (Garbage kind : Garbage.values()) {
      String root = "/v2/" + repository(kind);
      // An endless body ends at the limit for blobs.
      int blob = kind == Garbage.ENDLESS_BODY ? 403 : 502;
      pulls.add(start(() -> assertError(blob, root + "/blobs/" + digest(kind))));
      pulls.add(start(() -> assertError(502, root + "/manifests/" + digest(kind))));
      pulls.add(start(() -> assertError(502, root + "/manifests/v1")));
      pulls.add(start(() -> assertError(502, root + "/tags/list")));
    }
    pulls.forEach(CompletableFuture::join);
    assertThat(new String(server.get("/metrics").body(), UTF_8))
        .contains("entrepot_upstream_connections{upstream=\"%s\"} 0.0".formatted(address()))
        .contains("entrepot_fills_in_flight 0.0");
  }

  private String address() {
    return upstream.uri().getAuthority();
  }

  private CompletableFuture<Void> start(Runnable pull) {
    return CompletableFuture.runAsync(pull, clients);
  }

  private void assertError(int status, String path) {
    HttpResponse<byte[]> response = server.get(path);
    assertThat(response.statusCode()).as(path).isEqualTo(status);
    assertThat(new String(response.body(), UTF_8)).as(path).startsWith("{\"errors\":[{\"code\":\"");
  }
}
