package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.SampleImage;
import io.entrepot.oci.Digest;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Prefetches that are not over when the application stops. */
class PrefetchRestartTest {
  @TempDir Path folder;

  private static String begin(TestServer server, String body) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(server.uri("/api/prefetch"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(body))
            .build();
    var answer = server.client().send(request, BodyHandlers.ofString());
    assertThat(answer.statusCode()).as(answer.body()).isEqualTo(202);
    return answer.headers().firstValue("Location").orElseThrow();
  }

  private static String state(TestServer server, String job) {
    return new String(server.get(job).body(), StandardCharsets.UTF_8);
  }

  @Test
  void jobGoesOnUnderItsNumberAndOneThatIsOverDoesNot() throws Exception {
    try (FakeRegistry upstream = FakeRegistry.start()) {
      SampleImage image = SampleImage.in(upstream, "team/app", 1);
      Digest layer = image.blobs().keySet().stream().skip(1).findFirst().orElseThrow();
      Gate gate = upstream.hold(layer, 1_000);
      TestServer.Builder settings = new TestServer.Builder(folder, upstream.uri());
      String held;
      String over;
      try (TestServer server = settings.start()) {
        over = begin(server, "{\"reference\":\"team/none:v1\"}");
        await().until(() -> state(server, over).contains("failed"));
        held = begin(server, "{\"reference\":\"team/app:v3\",\"platforms\":[\"linux/amd64\"]}");
        gate.awaitReached();
      }
      gate.release();
      try (TestServer server = settings.start()) {
        await().until(() -> state(server, held).contains("\"state\":\"done\""));
        assertThat(state(server, held)).contains("\"reference\":\"team/app:v3\"");
        assertThat(server.get(over).statusCode()).isEqualTo(404);
      }
      try (TestServer server = settings.start()) {
        assertThat(server.get(held).statusCode()).as("done is done").isEqualTo(404);
      }
    }
  }
}
