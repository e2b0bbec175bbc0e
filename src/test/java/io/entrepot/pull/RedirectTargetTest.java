package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.oci.Digest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A whole cache before an upstream that redirects every manifest and blob to another host, as
 * registry.k8s.io and gateways do. What that host says decides one request. A single failure of the
 * upstream would open the breaker here.
 */
@Timeout(60)
class RedirectTargetTest {
  private static final byte[] IMAGE = TagBench.manifest("one");
  private static final Digest DIGEST = Digest.ofBytes(Digest.Algorithm.SHA256, IMAGE);
  private static final byte[] BLOB = BlobBench.random(50_000);
  private static final Digest BLOB_DIGEST = Digest.ofBytes(Digest.Algorithm.SHA256, BLOB);

  @TempDir Path folder;
  private final AtomicReference<Function<Recorded, Reply>> there =
      new AtomicReference<>(RedirectTargetTest::content);
  private final ScriptedServer target = ScriptedServer.start(r -> there.get().apply(r));
  private final ScriptedServer upstream = ScriptedServer.start(this::redirect);
  private TestServer server;

  private Reply redirect(Recorded request) {
    return request.path().equals("/v2/")
        ? Reply.json(200, "{}")
        : Reply.of(307, Content.of(new byte[0]))
            .header("Location", target.uriByName() + request.path());
  }

  private static Reply content(Recorded request) {
    if (request.path().endsWith("/manifests/v1") || request.path().endsWith("/" + DIGEST)) {
      return Reply.of(200, Content.of(IMAGE))
          .header("Content-Type", TagBench.IMAGE)
          .header("Docker-Content-Digest", DIGEST.toString());
    }
    return request.path().endsWith("/" + BLOB_DIGEST)
        ? Reply.of(200, Content.of(BLOB))
        : Reply.error(404, "MANIFEST_UNKNOWN", "no such tag");
  }

  private void start(String... settings) {
    TestServer.Builder builder =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.breaker.failures", "1")
            .set("proxy.breaker.rest", "1h")
            .set("proxy.breaker.maxrest", "1h")
            .set("proxy.revalidate", "0s")
            .set("proxy.negative", "0s");
    for (int i = 0; i < settings.length; i += 2) {
      builder.set(settings[i], settings[i + 1]);
    }
    server = builder.start();
  }

  @AfterEach
  void stop() {
    server.close();
    upstream.close();
    target.close();
  }

  private int status(String path) {
    return server.get("/v2/" + path).statusCode();
  }

  @ParameterizedTest
  @CsvSource({
    "401, 403, DENIED",
    "403, 403, DENIED",
    "404, 404, MANIFEST_UNKNOWN",
    "429, 429, TOOMANYREQUESTS",
    "400, 502, UNAVAILABLE",
    "412, 502, UNAVAILABLE",
    "500, 502, UNAVAILABLE",
    "503, 502, UNAVAILABLE",
    "504, 502, UNAVAILABLE"
  })
  void statusOfTheTargetDecidesOneRequest(int there, int told, String code) {
    start();
    this.there.set(
        request ->
            request.path().contains("/bad")
                ? Reply.error(there, "CODEWORD", "inside word").header("Retry-After", "3600")
                : content(request));

    for (int i = 0; i < 7; i++) {
      HttpResponse<byte[]> answer = server.get("/v2/pause/manifests/bad" + i);
      assertThat(answer.statusCode()).isEqualTo(told);
      assertThat(new String(answer.body(), UTF_8))
          .contains("\"" + code + "\"")
          .doesNotContain("inside word", "CODEWORD"); // a target's text is not told (S35)
    }
    assertThat(status("coredns/manifests/v1")).isEqualTo(200);
    assertThat(status("coredns/blobs/" + BLOB_DIGEST)).isEqualTo(200);
  }

  @Test
  void targetThatIsDeadStopsNothingElse() {
    start();
    target.close();
    for (int i = 0; i < 3; i++) {
      assertThat(status("pause/blobs/" + BLOB_DIGEST)).isEqualTo(502);
    }
    assertThat(upstream.lines())
        .filteredOn(line -> line.contains("/blobs/"))
        .hasSize(3)
        .allMatch(line -> line.endsWith(" -> 307"));
  }

  @Test
  void bodyThatTheTargetBreaksOffStopsNothingElse() {
    start();
    there.set(
        request ->
            request.path().contains("/blobs/")
                ? Fault.resetAfter(1000).change().apply(content(request))
                : content(request));
    assertThat(status("pause/blobs/" + BLOB_DIGEST)).isEqualTo(502);
    assertThat(status("coredns/manifests/v1")).isEqualTo(200);
  }

  @Test
  void tagThatIsHeldIsServedStaleWhileTheTargetIsDead() {
    start();
    assertThat(status("coredns/manifests/v1")).isEqualTo(200);
    there.set(request -> Reply.error(503, "DOWN", "down"));

    HttpResponse<byte[]> stale = server.get("/v2/coredns/manifests/v1");

    assertThat(stale.body()).isEqualTo(IMAGE);
    assertThat(stale.headers().firstValue("Cache-Status").orElse("")).contains("fwd=stale");
  }

  @Test
  void tagThatTheTargetDoesNotHaveAnyMoreIsForgotten() {
    start();
    assertThat(status("coredns/manifests/v1")).isEqualTo(200);
    there.set(request -> Reply.error(404, "MANIFEST_UNKNOWN", "no such tag"));
    assertThat(status("coredns/manifests/v1")).isEqualTo(404);
    there.set(request -> Reply.error(503, "DOWN", "down"));
    assertThat(status("coredns/manifests/v1")).isEqualTo(502);
  }

  /** lscr.io redirects to ghcr.io, which wants an anonymous token. */
  @Test
  void challengeOfTheTargetIsAnsweredWithoutTheCredentials() {
    start("proxy.username", "ann", "proxy.password", "hunter2");
    there.set(this::wantsToken);

    assertThat(status("fluent/bit/manifests/v1")).isEqualTo(200);
    assertThat(status("fluent/bit/blobs/" + BLOB_DIGEST)).isEqualTo(200);

    assertThat(target.lines())
        .containsExactly(
            "HEAD /v2/fluent/bit/manifests/v1 -> 401",
            "GET /token -> 200",
            "HEAD /v2/fluent/bit/manifests/v1 -> 200",
            "GET /v2/fluent/bit/manifests/" + DIGEST + " -> 200",
            "GET /v2/fluent/bit/blobs/" + BLOB_DIGEST + " -> 200");
    assertThat(target.requests())
        .extracting(r -> String.valueOf(r.header("Authorization")))
        .containsExactly("null", "null", "Bearer T", "Bearer T", "Bearer T");
    assertThat(upstream.requests()).extracting(r -> r.header("Authorization")).containsOnlyNulls();
  }

  @Test
  void targetThatRefusesItsOwnTokenIsAskedForOneOnly() {
    start();
    there.set(
        request ->
            request.path().equals("/token")
                ? Reply.json(200, "{\"token\":\"other\"}")
                : wantsToken(request));

    assertThat(status("fluent/bit/blobs/" + BLOB_DIGEST)).isEqualTo(403);

    assertThat(target.lines())
        .containsExactly(
            "GET /v2/fluent/bit/blobs/" + BLOB_DIGEST + " -> 401",
            "GET /token -> 200",
            "GET /v2/fluent/bit/blobs/" + BLOB_DIGEST + " -> 401");
  }

  @ParameterizedTest
  @CsvSource({"503, 502", "429, 429", "403, 403"})
  void tokenServiceOfTheTargetDecidesOneRequestToo(int there, int told) {
    start();
    this.there.set(
        request ->
            request.path().equals("/token")
                ? Reply.error(there, "NO", "no")
                : request.path().contains("/app/") ? wantsToken(request) : content(request));

    for (int i = 0; i < 3; i++) {
      assertThat(status("fluent/app/blobs/" + BLOB_DIGEST)).isEqualTo(told);
    }
    assertThat(status("coredns/manifests/v1")).isEqualTo(200);
  }

  private Reply wantsToken(Recorded request) {
    if (request.path().equals("/token")) {
      return Reply.json(200, "{\"token\":\"T\",\"expires_in\":300}");
    }
    return "Bearer T".equals(request.header("Authorization"))
        ? content(request)
        : Reply.error(401, "UNAUTHORIZED", "token, please")
            .header(
                "WWW-Authenticate",
                "Bearer realm=\""
                    + target.uriByName()
                    + "/token\",service=\"b\",scope=\"repository:fluent/bit:pull\"");
  }

  @Test
  void relativeLocationsAndTwoSlashesAreKept() {
    AtomicReference<String> seen = new AtomicReference<>("");
    try (ScriptedServer azure =
            ScriptedServer.start(
                request -> {
                  if (request.path().equals("/v2/")) {
                    return Reply.json(200, "{}");
                  }
                  if (request.path().startsWith("/v2/")) {
                    return Reply.of(307, Content.of(new byte[0]))
                        .header("Location", "../../../../data//x/" + BLOB_DIGEST + "?se=1%2F2//3");
                  }
                  seen.set(request.path() + "?" + request.query());
                  return Reply.of(200, Content.of(BLOB));
                });
        TestServer other = new TestServer.Builder(folder.resolve("azure"), azure.uri()).start()) {
      assertThat(other.get("/v2/a/b/blobs/" + BLOB_DIGEST).body()).isEqualTo(BLOB);
      assertThat(seen.get()).isEqualTo("/data//x/" + BLOB_DIGEST + "?se=1%2F2//3");
      assertThat(List.of(azure.acceptedConnections())).containsExactly(1);
    }
    start();
  }
}
