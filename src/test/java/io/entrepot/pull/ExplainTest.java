package io.entrepot.pull;

import static io.entrepot.pull.TagBench.fresh;
import static io.entrepot.pull.TagBench.path;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Fault;
import io.entrepot.oci.Digest;
import io.entrepot.routing.Freshness;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The explanations of {@code /api/explain} for images of one upstream. No answer sends an upstream
 * request.
 */
class ExplainTest extends ExplainFixture {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final Duration MINUTE = Duration.ofMinutes(1);
  private static final Duration NONE = Duration.ZERO;

  private Digest put(String tag, String type, String list, String childType, Digest... children) {
    StringBuilder json = new StringBuilder("{\"schemaVersion\":2,\"mediaType\":\"" + type + "\"");
    json.append(",\"").append(list).append("\":[");
    for (int i = 0; i < children.length; i++) {
      json.append(i == 0 ? "" : ",")
          .append(
              "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":3}"
                  .formatted(childType, children[i]));
    }
    byte[] bytes = json.append("]}").toString().getBytes(UTF_8);
    return bench.upstream.putManifest("team/app", tag, type, bytes);
  }

  private Digest layer(int content) {
    return bench.upstream.putBlob(new byte[] {1, 2, (byte) content});
  }

  private void get(Digest blob) {
    assertThat(bench.server().get("/v2/team/app/blobs/" + blob).statusCode()).isEqualTo(200);
    await().until(() -> bench.server().stats().contains("\"fillsInFlight\":0"));
  }

  @Test
  void tagThatWasNeverPulledWouldBeResolvedAndFetched() {
    bench.start(fresh(Freshness.of(MINUTE, false)));
    JsonNode explanation = explain("team/app:v1");
    assertThat(explanation.get("reference").asText()).isEqualTo("team/app:v1");
    assertThat(explanation.get("sentence").asText())
        .isEqualTo(
            "team/app:v1 is not here and would be fetched. It costs 2 upstream requests, or more,"
                + " depending on the upstream's answer.");
    assertThat(explanation.get("route").toString())
        .isEqualTo(
            """
            {"upstream":"127.0.0.1","urls":["%s/"],"way":"default",\
            "repository":"team/app","remote":"team/app","hides":null}"""
                .formatted(bench.upstream.uri()));
    assertThat(explanation.get("admission").toString())
        .isEqualTo("{\"allowed\":true,\"refusal\":null}");
    assertThat(explanation.at("/cache/state").asText()).isEqualTo("absent");
    assertThat(explanation.at("/cache/digest").isNull()).isTrue();
    assertCost(explanation, 2, true, 0);
  }

  @Test
  void freshTagWithAllItsBlobsCostsNothing() {
    bench.start(
        b -> fresh(Freshness.of(MINUTE, false)).apply(b),
        b -> b.clock(bench.clock).set("proxy.ttl", "24h"));
    Digest layer = layer(3);
    Digest image = put("v1", TagBench.IMAGE, "layers", "application/x", layer, layer);
    bench.pull("v1");
    get(layer);
    bench.clock.advance(Duration.ofSeconds(20));
    JsonNode explanation = explain("team/app:v1");
    String until = bench.clock.instant().plusSeconds(40).toString();
    assertThat(explanation.get("sentence").asText())
        .startsWith("team/app:v1 is served from here without asking, until ")
        .endsWith("; all 1 blobs are here. It costs no upstream request.");
    JsonNode cache = explanation.get("cache");
    assertThat(cache.get("state").asText()).isEqualTo("fresh");
    assertThat(cache.get("digest").asText()).isEqualTo(image.toString());
    assertThat(cache.get("mediaType").asText()).isEqualTo(TagBench.IMAGE);
    assertThat(cache.get("size").asInt()).isPositive();
    assertThat(cache.get("ageSeconds").asInt()).isEqualTo(20);
    assertThat(cache.get("nextRevalidation").asText().substring(0, 19))
        .isEqualTo(until.substring(0, 19));
    assertThat(cache.get("leaseUntil").asText().substring(0, 19))
        .isEqualTo(
            bench
                .clock
                .instant()
                .plus(Duration.ofHours(24))
                .minusSeconds(20)
                .toString()
                .substring(0, 19));
    assertThat(cache.get("contents").toString())
        .isEqualTo(
            """
            {"manifests":[{"digest":"%s","here":true,"blobs":1,"blobsHere":1,\
            "missingBytes":0}],"cut":false}"""
                .formatted(image));
    assertCost(explanation, 0, false, 0);
  }

  /** A blob that is here for another repository counts as one that is not here (S31). */
  @Test
  void blobsThatAreMissingAreCountedAndNothingIsToldOfOtherRepositories() {
    bench.start(fresh(Freshness.of(MINUTE, false)));
    Digest here = layer(1);
    Digest elsewhere = layer(2);
    put("v1", TagBench.IMAGE, "layers", "application/x", here, elsewhere, layer(3), layer(4));
    bench.pull("v1");
    get(here);
    String before = explain("team/app:v1").toString();
    bench.server().get("/v2/team/other/blobs/" + elsewhere);
    await().until(() -> bench.server().stats().contains("\"fillsInFlight\":0"));
    assertThat(explain("team/app:v1").toString()).isEqualTo(before);
    JsonNode explanation = explain("team/app:v1");
    assertThat(explanation.at("/cache/contents/manifests/0/blobs").asInt()).isEqualTo(4);
    assertThat(explanation.at("/cache/contents/manifests/0/blobsHere").asInt()).isEqualTo(1);
    assertThat(explanation.at("/cache/contents/manifests/0/missingBytes").asInt()).isEqualTo(9);
    assertThat(explanation.get("sentence").asText())
        .contains("1 of 4 blobs are here. It costs 3 upstream requests and 9 bytes.");
    assertCost(explanation, 3, false, 9);
  }

  @Test
  void indexIsCountedByThePlatformThatNeedsLeast() {
    bench.start(fresh(Freshness.of(MINUTE, false)));
    Digest layer = layer(1);
    Digest pulled = put(null, TagBench.IMAGE, "layers", "application/x", layer);
    Digest other = put(null, TagBench.IMAGE, "layers", "application/x", layer(2));
    put("v1", INDEX, "manifests", TagBench.IMAGE, other, pulled);
    bench.pull("v1");
    JsonNode none = explain("team/app:v1");
    assertThat(none.get("sentence").asText())
        .contains("none of the manifests that it lists is here");
    assertCost(none, 1, true, 0);
    bench.pull(pulled);
    get(layer);
    JsonNode explanation = explain("team/app:v1");
    assertThat(explanation.at("/cache/contents/manifests/0/here").asBoolean()).isFalse();
    assertThat(explanation.at("/cache/contents/manifests/1/blobsHere").asInt()).isEqualTo(1);
    assertCost(explanation, 0, false, 0);
  }

  @Test
  void digestCannotChange() {
    bench.start(fresh(Freshness.of(NONE, false)));
    Digest image = bench.push("v1", "one");
    assertCost(explain("team/app@" + image), 1, true, 0);
    bench.pull(image);
    JsonNode explanation = explain("team/app:v1@" + image);
    assertThat(explanation.at("/rule/kind").asText()).isEqualTo("digest");
    assertThat(explanation.get("sentence").asText())
        .isEqualTo(
            "team/app:v1@"
                + image
                + " is served from here without asking; it has no blobs."
                + " It costs no upstream request.");
    assertCost(explanation, 0, false, 0);
  }

  @Test
  void absenceThatIsBelievedIsTold() {
    bench.start(fresh(new Freshness(MINUTE, List.of(), NONE, NONE, MINUTE, false, Duration.ZERO)));
    assertThat(bench.pulled("v1")).isEqualTo("404");
    JsonNode explanation = explain("team/app:v1");
    assertThat(explanation.get("sentence").asText())
        .contains("the upstream said so a short time ago");
    assertCost(explanation, 0, false, 0);
    bench.clock.advance(MINUTE);
    assertCost(explain("team/app:v1"), 2, true, 0);
  }

  @Test
  void scarceQuotaIsTold() {
    bench.start(fresh(Freshness.of(NONE, false)));
    bench.push("latest", "one");
    bench.upstream.inject(r -> true, Fault.header("RateLimit-Limit", "100;w=21600"));
    bench.upstream.inject(r -> true, Fault.header("RateLimit-Remaining", "3;w=21600"));
    bench.pull("latest");
    JsonNode explanation = explain("team/app");
    assertThat(explanation.at("/upstream/scarce").asBoolean()).isTrue();
    assertThat(explanation.at("/upstream/registries/0/rateLimit/remaining").asInt()).isEqualTo(3);
    assertThat(explanation.get("sentence").asText())
        .contains("because few requests of the upstream's limit are left");
    assertCost(explanation, 0, false, 0);
  }

  @Test
  void openBreakerIsTold() {
    bench.start(
        b ->
            fresh(Freshness.of(NONE, false))
                .apply(b)
                .set("proxy.breaker.failures", "1")
                .set("proxy.breaker.rest", "1h"));
    put("latest", TagBench.IMAGE, "layers", "application/x", layer(1));
    bench.pull("latest");
    bench.upstream.inject(r -> true, Fault.status(503));
    assertThat(bench.pull("latest").statusCode()).isEqualTo(200);
    JsonNode held = explain("team/app");
    assertThat(held.at("/upstream/reachable").asBoolean()).isFalse();
    assertThat(held.at("/upstream/registries/0/breaker").asText()).isEqualTo("open");
    assertThat(held.get("sentence").asText())
        .isEqualTo(
            "team/app:latest is served from here although it is stale, because the upstream is not"
                + " asked now; 0 of 1 blobs are here, and the others cannot be fetched now."
                + " It costs no upstream request.");
    assertThat(explain("team/app:v2").get("sentence").asText())
        .contains("is not here and cannot be fetched");
  }

  @Test
  void offlineUpstreamIsTold() {
    bench.start(fresh(Freshness.of(NONE, false)));
    bench.push("latest", "one");
    bench.pull("latest");
    bench.stop();
    try (TestServer offline =
        new TestServer.Builder(folder, bench.upstream.uri()).set("proxy.offline", "true").start()) {
      bench.upstream.clearRequests();
      String explanation = TagBench.text(offline.get("/api/explain?reference=team/app"));
      assertThat(explanation)
          .contains("\"offline\":true", "\"urls\":[]", "although it is stale")
          .contains("\"cost\":{\"requests\":0,\"andMore\":false,\"bytes\":0}");
      assertThat(bench.upstream.requests()).isEmpty();
    }
  }

  @ParameterizedTest
  @CsvSource({
    "'', 400, reference=",
    "?reference=Team, 400, is not a repository name",
    "?reference=a:-, 400, is not a tag",
    "?reference=a@b, 400, is not a digest",
  })
  void whatIsNoReferenceIsRefused(String query, int status, String words) {
    bench.start(b -> b);
    HttpResponse<byte[]> response = bench.server().get("/api/explain" + query);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(TagBench.text(response)).contains(words);
    assertThat(bench.asked()).isEmpty();
  }

  @Test
  void pullCostsWhatWasTold() {
    bench.start(fresh(Freshness.of(NONE, false)));
    bench.push("latest", "one");
    int explanation = explain("team/app:latest").at("/cost/requests").asInt();
    bench.pull("latest");
    assertThat(bench.asked())
        .containsExactly(
            "HEAD " + path("latest"),
            "GET " + path(Digest.ofBytes(Digest.Algorithm.SHA256, TagBench.manifest("one"))))
        .hasSize(explanation);
  }
}
