package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.InstantSource;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Pulls of tags and manifests through a whole cache, from an upstream that records its requests
 * (F12, S7).
 */
class ManifestPullTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String BY_TAG = "/v2/team/app/manifests/v1";

  @TempDir Path folder;
  private final AtomicReference<Instant> now = new AtomicReference<>(Instant.now());
  private final Clock clock = InstantSource.system().withZone(ZoneOffset.UTC);
  private FakeRegistry upstream;
  private TestServer server;
  private Digest digest;

  @BeforeEach
  void start() {
    upstream = FakeRegistry.start();
    digest = upstream.putManifest("team/app", "v1", IMAGE, manifest("one"));
    server = builder().start();
    awaitWarmUp();
  }

  private TestServer.Builder builder() {
    return new TestServer.Builder(folder, upstream.uri()).clock(movable());
  }

  private Clock movable() {
    return new Clock() {
      @Override
      public ZoneId getZone() {
        return clock.getZone();
      }

      @Override
      public Clock withZone(ZoneId zone) {
        return this;
      }

      @Override
      public Instant instant() {
        return now.get();
      }
    };
  }

  private void restartWith(String key, String value) {
    server.close();
    server = builder().set(key, value).start();
    awaitWarmUp();
  }

  /** Waits for the warm-up, which does not count in any budget. */
  private void awaitWarmUp() {
    await().until(() -> !upstream.requests().isEmpty());
    upstream.clearRequests();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
  }

  @Test
  void coldTagCostsOneHeadAndOneGetByDigest() {
    HttpResponse<byte[]> cold = server.get(BY_TAG);
    assertManifest(cold, "one");
    assertThat(detail(cold)).isEqualTo("miss");
    assertThat(asked()).containsExactly("HEAD " + BY_TAG, "GET /v2/team/app/manifests/" + digest);
  }

  @Test
  void unchangedTagCostsOneHead() {
    server.get(BY_TAG);
    upstream.clearRequests();
    HttpResponse<byte[]> again = server.get(BY_TAG);
    assertManifest(again, "one");
    assertThat(detail(again)).isEqualTo("revalidated");
    assertThat(asked()).containsExactly("HEAD " + BY_TAG);
  }

  @Test
  void tagWithinItsIntervalCostsNothingAndTellsItsAge() {
    restartWith("proxy.revalidate", "10m");
    server.get(BY_TAG);
    upstream.clearRequests();
    now.updateAndGet(t -> t.plusSeconds(599));
    HttpResponse<byte[]> fresh = server.get(BY_TAG);
    assertThat(detail(fresh)).isEqualTo("hit");
    assertThat(fresh.headers().firstValue("Age")).hasValue("599");
    assertThat(asked()).isEmpty();
    now.updateAndGet(t -> t.plusSeconds(1));
    assertThat(detail(server.get(BY_TAG))).isEqualTo("revalidated");
    assertThat(asked()).hasSize(1);
  }

  @Test
  void movedTagIsFetchedByItsNewDigest() {
    server.get(BY_TAG);
    Digest moved = upstream.putManifest("team/app", "v1", IMAGE, manifest("two"));
    upstream.clearRequests();
    HttpResponse<byte[]> response = server.get(BY_TAG);
    assertManifest(response, "two");
    assertThat(asked()).containsExactly("HEAD " + BY_TAG, "GET /v2/team/app/manifests/" + moved);
  }

  @Test
  void manifestByDigestIsFetchedOnce() {
    String byDigest = "/v2/team/app/manifests/" + digest;
    assertManifest(server.get(byDigest), "one");
    assertThat(asked()).containsExactly("GET " + byDigest);
    upstream.clearRequests();
    HttpResponse<byte[]> warm = server.get(byDigest);
    assertManifest(warm, "one");
    assertThat(detail(warm)).isEqualTo("hit");
    assertThat(server.head(byDigest).headers().firstValue("Content-Type")).hasValue(IMAGE);
    assertThat(asked()).isEmpty();
  }

  @Test
  void hundredClientsOfOneTagCostOneQuestion() throws Exception {
    ExecutorService clients = Executors.newFixedThreadPool(100);
    Gate gate = new Gate();
    upstream.inject(Recorded.manifest("v1"), Fault.gateBeforeHead(gate));
    List<CompletableFuture<HttpResponse<byte[]>>> responses = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      boolean head = i % 2 == 0;
      responses.add(
          CompletableFuture.supplyAsync(
              () -> head ? server.head(BY_TAG) : server.get(BY_TAG), clients));
    }
    await().until(() -> text(server.get("/metrics")).contains("entrepot_requests_in_flight 100.0"));
    gate.release();
    for (int i = 0; i < 100; i++) {
      HttpResponse<byte[]> response = responses.get(i).get(60, TimeUnit.SECONDS);
      if (i % 2 == 0) {
        assertThat(response.statusCode()).isEqualTo(200);
        assertThat(response.headers().firstValue("Docker-Content-Digest"))
            .hasValue(digest.toString());
      } else {
        assertManifest(response, "one");
      }
    }
    clients.shutdown();
    assertThat(asked()).containsExactly("HEAD " + BY_TAG, "GET /v2/team/app/manifests/" + digest);
  }

  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504, 429, 400, 405, 418})
  void cachedTagIsServedStaleWhenTheUpstreamFails(int status) {
    server.get(BY_TAG);
    upstream.inject(Recorded.manifest("v1"), Fault.status(status));
    now.updateAndGet(t -> t.plusSeconds(60));
    HttpResponse<byte[]> stale = server.get(BY_TAG);
    assertManifest(stale, "one");
    assertThat(detail(stale)).isEqualTo("stale");
    assertThat(stale.headers().firstValue("Warning"))
        .hasValueSatisfying(warning -> assertThat(warning).startsWith("110 "));
    assertThat(stale.headers().firstValue("Age")).hasValue("60");
  }

  @ParameterizedTest
  @CsvSource({
    "500, 502, UNAVAILABLE",
    "503, 502, UNAVAILABLE",
    "429, 429, TOOMANYREQUESTS",
    "404, 404, MANIFEST_UNKNOWN",
    "403, 403, DENIED",
    "401, 403, DENIED",
    "410, 404, MANIFEST_UNKNOWN",
    "402, 403, DENIED",
    "412, 403, DENIED",
    "451, 403, DENIED",
    "400, 400, UNSUPPORTED",
    "405, 400, UNSUPPORTED",
    "422, 400, UNSUPPORTED"
  })
  void unknownTagTellsWhatTheUpstreamDid(int upstreamStatus, int status, String code) {
    upstream.inject(Recorded.manifest("v1"), Fault.status(upstreamStatus));
    HttpResponse<byte[]> response = server.get(BY_TAG);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(text(response)).contains("\"" + code + "\"");
    assertThat(response.headers().firstValue("WWW-Authenticate")).isEmpty();
  }

  /** Harbor says 412 of an image that its policy has blocked since. */
  @ParameterizedTest
  @CsvSource({"402, 403", "412, 403", "451, 403", "410, 404"})
  void cachedTagIsNotServedWhenTheUpstreamForbidsItOrHasItNoMore(int upstreamStatus, int status) {
    server.get(BY_TAG);
    upstream.inject(Recorded.manifest("v1"), Fault.status(upstreamStatus));
    now.updateAndGet(t -> t.plusSeconds(60));
    HttpResponse<byte[]> response = server.get(BY_TAG);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(text(response)).contains("FAKE_" + upstreamStatus, "told to fail");
  }

  /** What a portal or a store says is no word of the registry. */
  @ParameterizedTest
  @ValueSource(ints = {400, 405, 412, 451})
  void otherRefusalWithoutARegistrysErrorIsAFailureOfTheWay(int status) {
    upstream.inject(Recorded.manifest("v1"), Fault.page(status));
    assertThat(server.get(BY_TAG).statusCode()).isEqualTo(502);
  }

  @Test
  void retryAfterOfTheUpstreamIsPassedOn() {
    upstream.inject(Recorded.manifest("v1"), Fault.throttled("17"));
    assertThat(server.get(BY_TAG).headers().firstValue("Retry-After")).hasValue("17");
  }

  @Test
  void slowUpstreamGivesAStaleTagWithinTheDeadline() {
    server.close();
    server = builder().set("proxy.deadline", "200ms").set("proxy.responsetimeout", "1h").start();
    awaitWarmUp();
    server.get(BY_TAG);
    upstream.inject(Recorded.manifest("v1"), Fault.gateBeforeHead(new Gate()));
    assertThat(detail(server.get(BY_TAG))).isEqualTo("stale");
  }

  @Test
  void stoppedUpstreamGivesStaleTagsAndWarmBlobsAfterARestart() {
    server.get(BY_TAG);
    upstream.close();
    server.close();
    server = builder().start();
    HttpResponse<byte[]> stale = server.get(BY_TAG);
    assertManifest(stale, "one");
    assertThat(detail(stale)).isEqualTo("stale");
    assertThat(server.get("/v2/team/app/manifests/v2").statusCode()).isEqualTo(502);
    assertThat(text(server.get("/api/health"))).contains("\"ready\":true").contains("upstream");
  }

  @Test
  void healthTellsWhenTheUpstreamFailsAndWhenItIsBack() {
    assertThat(text(server.get("/api/health"))).contains("\"degraded\":[]");
    upstream.inject(Recorded.manifest("v1"), Fault.status(503), 1);
    server.get(BY_TAG);
    assertThat(text(server.get("/api/health")))
        .contains("\"what\":\"upstream\"")
        .contains("503")
        .contains("\"ready\":true");
    server.get(BY_TAG);
    assertThat(text(server.get("/api/health"))).contains("\"degraded\":[]");
  }

  @Test
  void deletedTagIsForgotten() {
    server.get(BY_TAG);
    upstream.deleteTag("team/app", "v1");
    assertThat(server.get(BY_TAG).statusCode()).isEqualTo(404);
    now.updateAndGet(t -> t.plusSeconds(5));
    upstream.inject(Recorded.manifest("v1"), Fault.status(500));
    assertThat(server.get(BY_TAG).statusCode()).isEqualTo(502);
  }

  @Test
  void deletedTagIsKeptWhereThatIsWanted() {
    restartWith("proxy.keepdeleted", "true");
    server.get(BY_TAG);
    upstream.deleteTag("team/app", "v1");
    HttpResponse<byte[]> kept = server.get(BY_TAG);
    assertManifest(kept, "one");
    assertThat(detail(kept)).isEqualTo("stale");
  }

  @Test
  void refusedTagIsNeverServedStale() {
    server.get(BY_TAG);
    upstream.inject(Recorded.manifest("v1"), Fault.status(403));
    HttpResponse<byte[]> refused = server.get(BY_TAG);
    assertThat(refused.statusCode()).isEqualTo(403);
    assertThat(text(refused)).contains("DENIED");
  }

  @Test
  void refusedTagDoesNotComeBackThroughAnOutage() {
    restartWith("proxy.keepdeleted", "true");
    server.get(BY_TAG);
    upstream.inject(Recorded.manifest("v1"), Fault.status(403), 1);
    assertThat(server.get(BY_TAG).statusCode()).isEqualTo(403);
    upstream.inject(Recorded.manifest("v1"), Fault.status(503), 1);
    assertThat(server.get(BY_TAG).statusCode()).isEqualTo(502);
    upstream.inject(Recorded.manifest("v1"), Fault.status(404), 1);
    assertThat(server.get(BY_TAG).statusCode()).isEqualTo(404);
    now.updateAndGet(t -> t.plusSeconds(5));
    assertManifest(server.get(BY_TAG), "one");
    upstream.inject(Recorded.manifest("v1"), Fault.status(503), 1);
    assertManifest(server.get(BY_TAG), "one");
  }

  @Test
  void clientThatHasItGetsNotModified() {
    server.get(BY_TAG);
    HttpResponse<byte[]> held = server.get(BY_TAG, "If-None-Match", "\"" + digest + "\"");
    assertThat(held.statusCode()).isEqualTo(304);
    assertThat(held.body()).isEmpty();
  }

  @Test
  void otherRepositoryDoesNotGetItByDigest() {
    server.get(BY_TAG);
    String elsewhere = "/v2/other/app/manifests/" + digest;
    assertThat(server.get(elsewhere).statusCode()).isEqualTo(404);
    assertThat(server.head(elsewhere).statusCode()).isEqualTo(404);
  }

  private List<String> asked() {
    return upstream.requests().stream().map(r -> r.method() + " " + r.path()).toList();
  }

  private void assertManifest(HttpResponse<byte[]> response, String name) {
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.body()).isEqualTo(manifest(name));
    assertThat(response.headers().firstValue("Content-Type")).hasValue(IMAGE);
    String expected = Digest.ofBytes(Digest.Algorithm.SHA256, manifest(name)).toString();
    assertThat(response.headers().firstValue("Docker-Content-Digest")).hasValue(expected);
    assertThat(response.headers().firstValue("ETag")).hasValue('"' + expected + '"');
  }

  private static String detail(HttpResponse<?> response) {
    String status = response.headers().firstValue("Cache-Status").orElse("");
    return status.substring(status.indexOf("detail=") + "detail=".length());
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }

  private static byte[] manifest(String name) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + IMAGE
            + "\",\"annotations\":{\"n\":\""
            + name
            + "\"},\"layers\":[]}")
        .getBytes(UTF_8);
  }
}
