package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * An upstream that accepts connections and sends nothing. No servlet container ends such a request,
 * so the timeouts for the upstream must end it.
 */
@Timeout(60)
class SilentUpstreamTest {
  private static final String DIGEST = "sha256:" + "0".repeat(64);

  @TempDir Path folder;
  private ServerSocket silent;
  private TestServer server;

  @BeforeEach
  void start() throws IOException {
    silent = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    server =
        new TestServer.Builder(folder, URI.create("http://127.0.0.1:" + silent.getLocalPort()))
            .set("proxy.responsetimeout", "300ms")
            .start();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    silent.close();
  }

  @ParameterizedTest
  @CsvSource({
    "GET, blobs/DIGEST",
    "HEAD, blobs/DIGEST",
    "GET, manifests/DIGEST",
    "HEAD, manifests/DIGEST",
    "GET, manifests/latest",
    "HEAD, manifests/latest",
    "GET, tags/list"
  })
  void requestEndsWithATimeout(String method, String what) {
    HttpResponse<byte[]> answer =
        server.send(method, "/v2/team/app/" + what.replace("DIGEST", DIGEST));

    assertThat(answer.statusCode()).isEqualTo(504);
    if (method.equals("GET")) {
      assertThat(new String(answer.body(), UTF_8)).contains("\"code\":\"UNAVAILABLE\"");
    }
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
  }
}
