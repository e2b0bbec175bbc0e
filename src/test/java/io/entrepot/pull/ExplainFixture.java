package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** A server with one upstream, and the explanations that it gives. */
abstract class ExplainFixture {
  @TempDir Path folder;
  TagBench bench;

  @BeforeEach
  void open() {
    bench = new TagBench(folder, 0);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  JsonNode explain(String reference) {
    bench.asked();
    HttpResponse<byte[]> response =
        bench.server().get("/api/explain?reference=" + URLEncoder.encode(reference, UTF_8));
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(bench.asked()).isEmpty();
    try {
      return new ObjectMapper().readTree(response.body());
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  static void assertCost(JsonNode explanation, int requests, boolean andMore, long bytes) {
    assertThat(explanation.get("cost").toString())
        .isEqualTo(
            "{\"requests\":%d,\"andMore\":%s,\"bytes\":%d}".formatted(requests, andMore, bytes));
  }
}
