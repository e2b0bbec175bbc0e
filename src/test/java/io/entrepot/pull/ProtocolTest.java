package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers without an upstream request, and lists (S9, S10, S15, S19). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ProtocolTest {
  private static final String HEX =
      "6c3c624b58dbbcd3c0dd82b4c53f04194d1247c6eebdaab7c610cf7d66709b3b";
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  private FakeRegistry upstream;
  private TestServer server;

  @BeforeAll
  void start(@TempDir Path folder) {
    upstream = FakeRegistry.start();
    server = new TestServer.Builder(folder, upstream.uri()).start();
    await().until(() -> !upstream.requests().isEmpty());
  }

  @AfterAll
  void stop() {
    server.close();
    upstream.close();
  }

  @BeforeEach
  void forget() {
    upstream.clearRequests();
    upstream.clearFaults();
  }

  /** The requests to the upstream, without the periodic check of an upstream that has failed. */
  private List<Recorded> asked() {
    return upstream.requests(Recorded.path("/v2/").negate());
  }

  @Test
  void versionCheckIsAnsweredHere() {
    HttpResponse<byte[]> response = server.get("/v2/");
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(text(response)).isEqualTo("{}");
    assertThat(response.headers().firstValue("Docker-Distribution-Api-Version"))
        .hasValue("registry/2.0");
    assertThat(server.head("/v2/").statusCode()).isEqualTo(200);
    assertThat(upstream.requests()).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/UPPER/manifests/v1, 400, NAME_INVALID",
    "/v2/a..b/manifests/v1, 400, NAME_INVALID",
    "/v2/-a/manifests/v1, 400, NAME_INVALID",
    "/v2/team/app/manifests/.v1, 404, MANIFEST_UNKNOWN",
    "/v2/team/app/manifests/.INVALID_MANIFEST_NAME, 404, MANIFEST_UNKNOWN",
    "/v2/team/app/manifests/sha256:abc, 400, DIGEST_INVALID",
    "/v2/team/app/blobs/latest, 400, DIGEST_INVALID",
    "/v2/team/app/manifests/a:b, 400, DIGEST_INVALID",
    "/v2/team/app/blobs/md5:d41d8cd98f00b204e9800998ecf8427e, 400, UNSUPPORTED",
    "/v2/team/app/manifests/md5:d41d8cd98f00b204e9800998ecf8427e, 400, UNSUPPORTED",
    "/v2/team/app/manifests/v1?ns=a%00b, 400, NAME_INVALID",
    "/v2/team/app/referrers/latest?artifactType=a%0ab, 400, NAME_INVALID",
    "/v2/team/app/tags/list?n=-1, 400, PAGINATION_NUMBER_INVALID",
    "/v2/team/app/tags/list?n=many, 400, PAGINATION_NUMBER_INVALID",
    "/v2/_catalog?n=1.5, 400, PAGINATION_NUMBER_INVALID",
    "/v2/team/app/referrers/v1, 400, DIGEST_INVALID",
    "/v2/team/app, 404, UNSUPPORTED",
    "/v2/team/app/tags/other, 404, UNSUPPORTED",
    "/elsewhere, 404, UNSUPPORTED"
  })
  void malformedRequestGetsItsCodeAndAsksNothing(String path, int status, String code)
      throws IOException {
    HttpResponse<byte[]> response = server.get(path);
    assertThat(response.statusCode()).isEqualTo(status);
    assertThat(response.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    JsonNode error = new ObjectMapper().readTree(response.body()).path("errors").path(0);
    assertThat(error.path("code").asText()).isEqualTo(code);
    assertThat(error.path("message").asText()).isNotEmpty();
    assertThat(error.has("detail")).as("an empty detail").isFalse();
    assertThat(response.headers().firstValue("Allow")).isEmpty();
    assertThat(asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
  void writesAreUnsupported(String method) {
    for (String path : new String[] {"/v2/team/app/blobs/uploads/", "/v2/a/manifests/v1", "/v2/"}) {
      HttpResponse<byte[]> response = server.send(method, path);
      assertThat(response.statusCode()).isEqualTo(405);
      assertThat(text(response)).contains("\"UNSUPPORTED\"");
      assertThat(response.headers().firstValue("Allow")).hasValue("GET, HEAD");
    }
    assertThat(asked()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/a/../b/manifests/v1",
        "/v2/./a/manifests/v1",
        "/v2//a/manifests/v1",
        "//v2/a/manifests/v1",
        "/v2/a;x=y/manifests/v1",
        "/v2;x/a/manifests/v1",
        "/v2/a%2fb/manifests/v1",
        "/v2/a/%2e%2e/b/manifests/v1",
        "/v2/a\\b/manifests/v1",
        "/v2/a%00/manifests/v1",
        "/v2/..;/metrics",
        "/v2/..;x=y/api/stats",
        "/v2/../metrics",
        "/v2/%2e%2e/metrics",
        "/v2/..%2fmetrics",
        "/%6detrics",
        "/metrics;x",
        "/;x/metrics",
        "/./metrics",
        "//metrics",
        "/metrics/.",
        "/metrics%00",
        "/metrics%3b",
        "/api;x/stats",
        "/api/..;/metrics",
        "/%61pi/stats",
        "/api/%73tats",
        "/api//stats",
        "/x/..;/api/health",
        "/ui/..;/api/stats",
        "/;/x.jsp",
        "/x.jsp;y",
        "/%78.jsp"
      })
  void pathTrickIsRefusedAndAsksNothing(String path) throws IOException {
    assertThat(rawStatus(path)).isEqualTo(400);
    assertThat(asked()).isEmpty();
  }

  /** S33: what is sent from this origin is never a page, also not an error or a list. */
  @ParameterizedTest
  @ValueSource(
      strings = {"/v2/", "/v2/_catalog", "/v2/UPPER/tags/list", "/nothing", "/v2/a/blobs/x:y"})
  void everyAnswerOfTheRegistryIsNoPage(String path) {
    HttpResponse<byte[]> answer = server.get(path);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/json");
    assertThat(answer.headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
    assertThat(answer.headers().firstValue("Content-Security-Policy"))
        .hasValue("default-src 'none'; sandbox");
    assertThat(answer.headers().firstValue("Strict-Transport-Security")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"/metrics", "/api/health", "/api/stats", "/api/nothing"})
  void administrativeAnswerIsNotSniffed(String path) {
    assertThat(server.get(path).headers().firstValue("X-Content-Type-Options")).hasValue("nosniff");
  }

  @Test
  void escapedColonOfADigestIsUnderstood() {
    assertThat(server.get("/v2/team/app/blobs/sha256%3A" + HEX).statusCode()).isEqualTo(404);
    assertThat(asked()).hasSize(1);
  }

  /** Sends a path over a socket, because HTTP clients normalise paths. */
  private int rawStatus(String path) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.port())) {
      socket.setSoTimeout(60_000);
      String request = "GET " + path + " HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(UTF_8));
      String response = new String(socket.getInputStream().readAllBytes(), UTF_8);
      return Integer.parseInt(response.substring(9, 12));
    }
  }

  @Test
  void tagsComeThroughPageByPageWithOurOwnLinks() {
    for (int i = 1; i <= 5; i++) {
      upstream.putManifest("listed/app", "v" + i, IMAGE, manifest(i));
    }
    HttpResponse<byte[]> first = server.get("/v2/listed/app/tags/list?n=2");
    assertThat(text(first)).isEqualTo("{\"name\":\"listed/app\",\"tags\":[\"v1\",\"v2\"]}");
    assertThat(first.headers().firstValue("Link"))
        .hasValue("</v2/listed/app/tags/list?last=v2&n=2>; rel=\"next\"");
    HttpResponse<byte[]> last = server.get("/v2/listed/app/tags/list?last=v4&n=2");
    assertThat(text(last)).contains("[\"v5\"]");
    assertThat(last.headers().firstValue("Link")).isEmpty();
    assertThat(server.get("/v2/listed/app/tags/list?n=10000").statusCode()).isEqualTo(200);
  }

  @Test
  void knownTagsAreListedWhileTheUpstreamIsDown() {
    upstream.putManifest("known/app", "v1", IMAGE, manifest(1));
    upstream.putManifest("known/app", "v2", IMAGE, manifest(2));
    server.get("/v2/known/app/manifests/v1");
    upstream.inject(Recorded.path("/v2/known/app/tags/list"), Fault.status(503));
    HttpResponse<byte[]> known = server.get("/v2/known/app/tags/list");
    assertThat(text(known)).contains("[\"v1\"]");
    assertThat(known.headers().firstValue("Cache-Status"))
        .hasValueSatisfying(status -> assertThat(status).contains("stale"));
    upstream.inject(Recorded.path("/v2/unknown/app/tags/list"), Fault.status(503));
    assertThat(server.get("/v2/unknown/app/tags/list").statusCode()).isEqualTo(502);
  }

  @Test
  void unknownRepositoryHasNoTags() {
    HttpResponse<byte[]> response = server.get("/v2/nobody/app/tags/list");
    assertThat(response.statusCode()).isEqualTo(404);
    assertThat(text(response)).contains("NAME_UNKNOWN");
  }

  @Test
  void catalogListsWhatIsHeldHereInPages() {
    for (String name : new String[] {"cat/a", "cat/b", "cat/c"}) {
      upstream.putManifest(name, "v1", IMAGE, manifest(1));
      server.get("/v2/" + name + "/manifests/v1");
    }
    upstream.clearRequests();
    HttpResponse<byte[]> page = server.get("/v2/_catalog?n=2&last=cat");
    assertThat(text(page)).isEqualTo("{\"repositories\":[\"cat/a\",\"cat/b\"]}");
    assertThat(page.headers().firstValue("Link"))
        .hasValue("</v2/_catalog?last=cat%2Fb&n=2>; rel=\"next\"");
    assertThat(text(server.get("/v2/_catalog?n=0"))).isEqualTo("{\"repositories\":[]}");
    assertThat(asked()).isEmpty();
  }

  @Test
  void referrersComeThroughAndSurviveTheUpstream() {
    Digest subject = upstream.putManifest("signed/app", "v1", IMAGE, manifest(1));
    String path = "/v2/signed/app/referrers/" + subject;
    HttpResponse<byte[]> none = server.get(path);
    assertThat(none.headers().firstValue("Content-Type"))
        .hasValue("application/vnd.oci.image.index.v1+json");
    assertThat(text(none)).contains("\"manifests\":[]");
    upstream.inject(Recorded.path(path), Fault.status(500));
    assertThat(server.get(path).statusCode()).isEqualTo(200);
  }

  @Test
  void metricsAndStatisticsTellOfIt() {
    server.get("/v2/");
    assertThat(text(server.get("/metrics"))).contains("entrepot_requests_seconds_count{");
    assertThat(server.stats()).contains("\"requests\":{").contains("\"held\":{");
    assertThat(text(server.get("/api/health")))
        .contains("\"live\":true")
        .contains("\"ready\":true");
    assertThat(text(server.get("/api/health/live"))).contains("true");
    assertThat(server.get("/api/health/ready").statusCode()).isEqualTo(200);
    HttpResponse<byte[]> unknown = server.get("/api/unknown");
    assertThat(unknown.statusCode()).isEqualTo(404);
    assertThat(unknown.headers().firstValue("Content-Type")).hasValue("application/problem+json");
  }

  private static byte[] manifest(int n) {
    return ("{\"schemaVersion\":2,\"mediaType\":\""
            + IMAGE
            + "\",\"annotations\":{\"n\":\""
            + n
            + "\"},\"layers\":[]}")
        .getBytes(UTF_8);
  }

  private static String text(HttpResponse<byte[]> response) {
    return new String(response.body(), UTF_8);
  }
}
