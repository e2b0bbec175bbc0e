package io.entrepot.pull;

import static io.entrepot.pull.TagBench.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The history of a tag by {@code /api/tags/{name}/{tag}/history}. */
class TagHistoryApiTest {
  private static final Duration DAY = Duration.ofDays(1);

  @TempDir Path folder;
  private TagBench bench;

  @BeforeEach
  void open() {
    bench = new TagBench(folder, 40);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private HttpResponse<byte[]> history(String tag) {
    return bench.server().get("/api/tags/" + tag + "/history");
  }

  private Instant now() {
    return bench.clock.instant().truncatedTo(ChronoUnit.MILLIS);
  }

  @Test
  void historyHasEachDigestAndWhetherClientsGotItAndAsksNothing() {
    bench.start(TagBench.cooling(DAY.multipliedBy(7)));
    Digest one = bench.push("latest", "one");
    Instant first = now();
    bench.pull("latest");
    bench.clock.advance(DAY);
    Digest two = bench.push("latest", "two");
    Instant second = now();
    bench.pull("latest");
    bench.asked();
    HttpResponse<byte[]> response = history("team/app/latest");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(text(response))
        .isEqualTo(
            """
            {"repository":"team/app","tag":"latest","digest":"%s","history":[\
            {"digest":"%s","firstSeen":"%s","lastSeen":"%s","served":false},\
            {"digest":"%s","firstSeen":"%s","lastSeen":"%s","served":true}]}"""
                .formatted(one, two, second, second, one, first, first));
    assertThat(bench.asked()).isEmpty();
  }

  @Test
  void repositoryMayBeNamedAsClientsNameIt() {
    bench.start(builder -> builder.set("proxy.name", "hub.example"));
    Digest one = bench.push("latest", "one");
    bench.server().get("/v2/hub.example/team/app/manifests/latest");
    assertThat(text(history("hub.example/team/app/latest")))
        .contains("\"repository\":\"team/app\"", "\"digest\":\"" + one + "\"")
        .isEqualTo(text(history("team/app/latest")));
  }

  @Test
  void historyOutlivesTheTag() {
    bench.start(builder -> builder);
    Digest one = bench.push("latest", "one");
    bench.pull("latest");
    bench.upstream.deleteTag("team/app", "latest");
    assertThat(bench.pulled("latest")).isEqualTo("404");
    assertThat(text(history("team/app/latest")))
        .contains("\"digest\":null", "{\"digest\":\"" + one + "\"");
  }

  @Test
  void tagThatNobodyAskedForHasNone() {
    bench.start(builder -> builder);
    HttpResponse<byte[]> response = history("team/app/latest");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(text(response))
        .contains("no history of team/app:latest: the upstream was never asked about it");
    assertThat(bench.asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"TEAM/latest", "team/app/-x"})
  void malformedNamesAreRefused(String tag) {
    bench.start(builder -> builder);
    HttpResponse<byte[]> response = history(tag);
    assertThat(response.statusCode()).isEqualTo(400);
    assertThat(text(response)).contains("\"status\":400");
  }
}
