package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FreePort;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The administrative API at a port of its own (S18, S19). */
class AdminPortTest {
  @TempDir static Path folder;
  private static final int ADMIN_PORT = FreePort.find();
  private static FakeRegistry upstream;
  private static TestServer server;
  private static Digest blob;

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    blob = upstream.putBlob("team/app", "some bytes".getBytes(UTF_8));
    upstream.putManifest(
        "team/app",
        "v1",
        "application/vnd.oci.image.manifest.v1+json",
        "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8));
    server = new TestServer.Builder(folder, upstream.uri()).adminPort(ADMIN_PORT).start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static HttpResponse<String> send(String method, int port, String path)
      throws IOException, InterruptedException {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
                .method(method, HttpRequest.BodyPublishers.noBody())
                .build(),
            HttpResponse.BodyHandlers.ofString());
  }

  @ParameterizedTest
  @CsvSource({
    "/api/stats,                404, 200",
    "/api/health,               404, 200",
    "/api/explain?reference=a,  404, 200",
    "/metrics,                  404, 200",
    "/api/health/live,          200, 200",
    "/api/health/ready,         200, 200",
    "/api/health/live/,         404, 200",
    "/v2/,                      200, 404",
    "/v2/_catalog,              200, 404",
    "/v2/team/app/blobs/BLOB,   200, 404",
    "/v2/team/app/manifests/v1, 200, 404",
    "/,                         404, 404",
  })
  void eachPathIsAtOnePort(String path, int atOne, int atTheOther) throws Exception {
    String asked = path.replace("BLOB", blob.toString());
    for (String method : new String[] {"GET", "HEAD"}) {
      assertThat(send(method, server.port(), asked).statusCode()).as(method).isEqualTo(atOne);
      assertThat(send(method, ADMIN_PORT, asked).statusCode()).as(method).isEqualTo(atTheOther);
    }
  }

  @Test
  void wrongPortSaysOnlyThatThereIsNothing() throws Exception {
    for (HttpResponse<String> answer :
        List.of(
            send("GET", server.port(), "/metrics"),
            send("POST", server.port(), "/api/stats"),
            send("GET", ADMIN_PORT, "/v2/team/other/manifests/v1"))) {
      assertThat(answer.statusCode()).isEqualTo(404);
      assertThat(answer.body()).contains("\"message\":\"there is nothing at this port\"");
    }
    assertThat(upstream.requests(Recorded.path("/v2/team/other/manifests/v1"))).isEmpty();
  }

  @Test
  void noHeaderChangesThePort() throws Exception {
    String host = "127.0.0.1:" + ADMIN_PORT;
    HttpResponse<byte[]> answer =
        server.get("/metrics", "X-Forwarded-Port", "" + ADMIN_PORT, "X-Forwarded-Host", host);
    assertThat(answer.statusCode()).isEqualTo(404);
  }
}
