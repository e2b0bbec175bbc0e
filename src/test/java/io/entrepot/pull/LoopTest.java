package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An upstream whose URL leads back to the cache that asks it. */
@Timeout(60)
class LoopTest {
  private static final Digest DIGEST =
      Digest.ofBytes(Digest.Algorithm.SHA256, "absent".getBytes(UTF_8));
  private static final Pattern CALLS =
      Pattern.compile(
          "(?m)^entrepot_upstream_calls_seconds_count\\{(.*outcome=\"loop\".*)} (\\d+)");

  @TempDir Path folder;

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private TestServer cache(String name, int port, int upstream) {
    return new TestServer.Builder(folder.resolve(name), URI.create("http://127.0.0.1:" + upstream))
        .connector("port", Integer.toString(port))
        .start();
  }

  private static int loops(TestServer server) {
    return loops(server, false);
  }

  private static int loops(TestServer server, boolean pings) {
    return CALLS
        .matcher(new String(server.get("/metrics").body(), UTF_8))
        .results()
        .filter(count -> count.group(1).contains("kind=\"ping\"") == pings)
        .mapToInt(count -> Integer.parseInt(count.group(2)))
        .sum();
  }

  private static void assertTold(HttpResponse<byte[]> answer) {
    assertThat(answer.statusCode()).isEqualTo(502);
    assertThat(new String(answer.body(), UTF_8))
        .contains("\"code\":\"LOOP_DETECTED\"", "leads back to this cache");
  }

  @Test
  void healthTellsSoonAfterTheStart() throws Exception {
    int port = freePort();
    try (TestServer cache = cache("a", port, port)) {
      await()
          .atMost(Duration.ofSeconds(10))
          .until(
              () ->
                  new String(cache.get("/api/health").body(), UTF_8)
                      .contains("leads back to this cache; change its URL"));
      assertThat(loops(cache, true)).isLessThanOrEqualTo(2);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"manifests/1.0", "manifests/DIGEST", "blobs/DIGEST", "tags/list"})
  void firstAnswerTellsAfterOneUpstreamRequest(String what) throws Exception {
    int port = freePort();
    String path = "/v2/team/app/" + what.replace("DIGEST", DIGEST.toString());
    try (TestServer cache = cache("a", port, port)) {
      assertTold(cache.get(path));
      assertThat(loops(cache)).isEqualTo(1);
    }
  }

  @Test
  void loopOfTwoCachesIsToldAtOnce() throws Exception {
    int one = freePort();
    int two = freePort();
    try (TestServer first = cache("a", one, two);
        TestServer second = cache("b", two, one)) {
      assertTold(first.get("/v2/team/app/manifests/1.0"));
      assertThat(loops(first)).isEqualTo(1);
      assertThat(loops(second)).isEqualTo(1);
      assertTold(second.get("/v2/team/app/blobs/" + DIGEST));
    }
  }

  @Test
  void chainOfCachesIsNoLoop() throws Exception {
    int port = freePort();
    byte[] bytes = new byte[70_000];
    try (FakeRegistry upstream = FakeRegistry.start();
        TestServer second =
            new TestServer.Builder(folder.resolve("b"), upstream.uri())
                .connector("port", Integer.toString(port))
                .start();
        TestServer first = cache("a", freePort(), port)) {
      Digest blob = upstream.putBlob("team/app", bytes);
      assertThat(first.get("/v2/team/app/blobs/" + blob).body()).isEqualTo(bytes);
      assertThat(upstream.blobGets(blob)).singleElement().extracting(LoopTest::caches).isEqualTo(2);
      assertThat(second.get("/v2/team/app/blobs/" + blob).body()).isEqualTo(bytes);
    }
  }

  private static int caches(Recorded request) {
    return String.valueOf(request.header("Via")).split("1\\.1 entrepot-", -1).length - 1;
  }

  @Test
  void tooManyCachesInARowAreRefused() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start();
        TestServer cache = new TestServer.Builder(folder, upstream.uri()).start()) {
      String[] via = {"Via", "1.1 entrepot-0123456789abcdef, ".repeat(10)};
      assertThat(cache.get("/v2/", via).statusCode()).isEqualTo(502);
      via[1] = "1.1 squid.example, ".repeat(30);
      assertThat(cache.get("/v2/", via).statusCode()).isEqualTo(200);
    }
  }
}
