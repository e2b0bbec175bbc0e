package io.entrepot.servers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.servers.RawClient.Answer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks of the answers' status lines and headers, to the letter, over a socket: HTTP clients
 * normalise paths and hide headers.
 */
class ContractIT extends ServerIT {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  private static final String NONE = "sha256:" + "0".repeat(64);

  /** Headers that differ from answer to answer, and those of the connection. */
  private static final List<String> VARYING =
      List.of("Date", "Age", "Connection", "Keep-Alive", "Server", "X-Powered-By", "X-Request-Id");

  private RawClient raw;

  @BeforeEach
  void openRaw() {
    raw = RawClient.of(server);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          bytes=1000-1999             | 206 | bytes 1000-1999/200000
          bytes= 1000-1999            | 206 | bytes 1000-1999/200000
          bytes=,1000-1999 ,          | 206 | bytes 1000-1999/200000
          BYTES=-7                    | 206 | bytes 199993-199999/200000
          bytes=199999-99999999999999999999999999 | 206 | bytes 199999-199999/200000
          bytes=200000-               | 416 | bytes */200000
          bytes=99999999999999999999999999-       | 416 | bytes */200000
          bytes=-0                    | 416 | bytes */200000
          bytes=200000-,300000-300001 | 416 | bytes */200000
          bytes=5-2                   | 416 | bytes */200000
          bytes=0-1,3-4               | 200 |
          bytes=a-b                   | 200 |
          bytes=                      | 200 |
          bytes=1                     | 200 |
          bytes                       | 200 |
          lines=1-2                   | 200 |
          """)
  void rangeIsAnsweredAsRfc9110Says(String range, int status, String contentRange)
      throws Exception {
    var bytes = Blobs.bytes(200_000);
    var digest = blobs.put(bytes);
    for (String state : List.of("cold", "stored")) {
      var answer = raw.send("GET", blobs.path(digest), "Range: " + range);

      assertThat(answer.status()).as(state).isEqualTo(status);
      assertThat(answer.header("Content-Range"))
          .as(state)
          .isEqualTo(contentRange == null ? "" : contentRange);
      if (status == 416) {
        assertThat(answer.errorCode()).as(state).isEqualTo("RANGE_INVALID");
      } else {
        assertThat(answer.contentLength()).as(state).isEqualTo(answer.bodyLength());
      }
      warm(blobs.path(digest));
    }
    assertThat(UPSTREAM.blobGets(digest)).hasSize(1);
  }

  @Test
  void severalRangeFieldsAreIgnored() throws Exception {
    var digest = blobs.put(Blobs.bytes(100));

    var answer = raw.send("GET", blobs.path(digest), "Range: bytes=0-1", "Range: bytes=3-4");

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.bodyLength()).isEqualTo(100);
  }

  @Test
  void rangeHoldsOnlyForOurStrongTag() throws Exception {
    var digest = blobs.put(Blobs.bytes(100));
    var ours = "\"" + digest + "\"";

    for (var other :
        List.of("W/" + ours, "\"x\"", "Wed, 21 Oct 2015 07:28:00 GMT", "*", "" + digest)) {
      var answer = raw.send("GET", blobs.path(digest), "Range: bytes=0-1", "If-Range: " + other);
      assertThat(answer.status()).as(other).isEqualTo(200);
      assertThat(answer.bodyLength()).as(other).isEqualTo(100);
    }
    assertThat(
            raw.send("GET", blobs.path(digest), "Range: bytes=0-1", "If-Range: " + ours).status())
        .isEqualTo(206);
  }

  @ParameterizedTest
  @ValueSource(strings = {"bytes=0-1", "bytes=500-", "bytes=x"})
  void headIgnoresRangeAndManifestsHaveNone(String range) throws Exception {
    var digest = blobs.put(Blobs.bytes(100));
    putManifest();
    client.get(blobs.path(digest));

    var head = raw.send("HEAD", blobs.path(digest), "Range: " + range);
    var manifest = raw.send("GET", manifestPath("1.0"), "Range: " + range);

    assertThat(head.status()).isEqualTo(200);
    assertThat(head.contentLength()).isEqualTo(100);
    assertThat(head.header("Content-Range")).isEmpty();
    assertThat(manifest.status()).isEqualTo(200);
    assertThat(manifest.header("Content-Range")).isEmpty();
  }

  @Test
  void notModifiedComesBeforeTheRange() throws Exception {
    var digest = blobs.put(Blobs.bytes(100));
    var none = "If-None-Match: \"" + digest + "\"";

    for (var range : List.of("bytes=0-1", "bytes=500-")) {
      assertThat(raw.send("GET", blobs.path(digest), none, "Range: " + range).status())
          .as(range)
          .isEqualTo(304);
      warm(blobs.path(digest));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"T", "W/T", "\"a,b\", T", "*", "\"x\"|T", "\"x\"|\"y\", W/T"})
  void notModifiedHasTheHeadersOfTheWholeAnswer(String tags) throws Exception {
    var blob = blobs.put(Blobs.bytes(100));
    var manifest = putManifest();

    warm(blobs.path(blob));
    for (var path : List.of(blobs.path(blob), manifestPath("" + manifest), manifestPath("1.0"))) {
      var digest = path.contains("/blobs/") ? blob : manifest;
      client.get(path);
      var whole = raw.send("GET", path + "?ns=" + upstreamHost());
      for (var method : List.of("GET", "HEAD")) {
        var fields =
            Arrays.stream(tags.replace("T", "\"" + digest + "\"").split("\\|"))
                .map(tag -> "If-None-Match: " + tag)
                .toArray(String[]::new);
        var answer = raw.send(method, path + "?ns=" + upstreamHost(), fields);

        assertThat(answer.status()).as(path).isEqualTo(304);
        assertThat(answer.body()).as(path).isEmpty();
        assertThat(steady(answer)).as(path).containsAllEntriesOf(without(whole, "Content-Type"));
        assertThat(answer.header("Age")).as(path).isNotEmpty();
      }
    }
  }

  /** Some servers add a length of their own, or leave the date out; docs/servers.md says which. */
  @Test
  @Tag("lengths")
  void notModifiedHasADateAndNoLength() throws Exception {
    var blob = blobs.put(Blobs.bytes(100));
    var manifest = putManifest();
    for (var path : List.of(blobs.path(blob), manifestPath("1.0"))) {
      var digest = path.contains("/blobs/") ? blob : manifest;
      client.get(path);

      var answer = raw.send("GET", path, "If-None-Match: \"" + digest + "\"");

      assertThat(answer.status()).as(path).isEqualTo(304);
      assertThat(answer.fields()).as(path).doesNotContainKeys("Content-Length");
      assertThat(answer.header("Date")).as("Date of %s", path).isNotEmpty();
    }
  }

  @Test
  void otherTagsAreModified() throws Exception {
    var digest = blobs.put(Blobs.bytes(100));

    for (var tags : List.of("\"x\"", "\"a,\"", "" + digest, "\"x\", *")) {
      assertThat(raw.send("GET", blobs.path(digest), "If-None-Match: " + tags).status())
          .as(tags)
          .isEqualTo(200);
    }
  }

  @Test
  void headIsGetWithoutTheBody() throws Exception {
    var digest = blobs.put(Blobs.bytes(100_000));
    var small = blobs.put(Blobs.bytes(10));
    var manifest = putManifest();
    warm(blobs.path(digest));
    warm(blobs.path(small));
    for (var path :
        List.of(
            blobs.path(digest),
            blobs.path(small),
            manifestPath("" + manifest),
            manifestPath("1.0"),
            "/v2/" + blobs.repository() + "/tags/list?n=1",
            "/v2/" + blobs.repository() + "/referrers/" + manifest,
            "/v2/" + blobs.repository() + "/referrers/" + manifest + "?artifactType=x%2Fy",
            "/v2/_catalog?n=1",
            "/v2/",
            "/v2",
            "/v2/UPPER/tags/list",
            blobs.path(Digest.of(NONE)),
            manifestPath("none"),
            "/nothing")) {
      client.get(path);
      var get = raw.send("GET", path);
      var head = raw.send("HEAD", path);

      assertThat(head.status()).as(path).isEqualTo(get.status());
      assertThat(head.body()).as(path).isEmpty();
      assertThat(get.contentLength()).as(path).isEqualTo(get.bodyLength());
      assertThat(get.header("Content-Type")).as(path).isNotEmpty();
      assertThat(steady(head)).as(path).isEqualTo(steady(get));
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"/api/health", "/api/stats", "/metrics"})
  void headOfTheAdministrativeApiHasNoBody(String path) throws Exception {
    var get = raw.send("GET", path);
    var head = raw.send("HEAD", path);

    assertThat(head.status()).isEqualTo(get.status());
    assertThat(head.body()).isEmpty();
    assertThat(head.header("Content-Type")).isEqualTo(get.header("Content-Type"));
  }

  @Test
  void browserRunsNoContent() throws Exception {
    var digest = blobs.put(Blobs.bytes(100));
    putManifest();

    for (var path : List.of(blobs.path(digest), manifestPath("1.0"))) {
      for (var method : List.of("GET", "HEAD")) {
        var answer = raw.send(method, path);
        assertThat(answer.header("Content-Security-Policy"))
            .as(path)
            .isEqualTo("default-src 'none'; sandbox");
        assertThat(answer.header("X-Content-Type-Options")).as(path).isEqualTo("nosniff");
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE", "PROPFIND"})
  void otherMethodsAreNotAllowed(String method) throws Exception {
    assertNotAllowed(method);
  }

  /** Servers answer it by themselves. Jetty 12.1 says 403 before it asks the application. */
  @Test
  @Tag("conf")
  @Tag("trace")
  void traceIsNotAllowed() throws Exception {
    assertNotAllowed("TRACE");
  }

  private void assertNotAllowed(String method) throws Exception {
    for (var path :
        List.of("/v2/", "/v2/a/manifests/1.0", "/v2/a/blobs/uploads/", "/metrics", "/api/health")) {
      var answer = raw.send(method, path, "Content-Length: 0");

      assertThat(answer.status()).as(path).isEqualTo(405);
      assertThat(answer.header("Allow")).as(path).contains("GET").contains("HEAD");
      if (path.startsWith("/v2")) {
        assertThat(answer.header("Content-Type")).as(path).startsWith("application/json");
        assertThat(answer.errorCode()).as(path).isEqualTo("UNSUPPORTED");
      } else {
        assertThat(answer.header("Content-Type"))
            .as(path)
            .matches("application/(problem\\+)?json.*");
      }
    }
  }

  @Test
  void optionsAreNotAllowedInTheRegistry() throws Exception {
    var answer = raw.send("OPTIONS", "/v2/a/tags/list");

    assertThat(answer.status()).isEqualTo(405);
    assertThat(answer.header("Allow")).isEqualTo("GET, HEAD");
    assertThat(answer.errorCode()).isEqualTo("UNSUPPORTED");
  }

  @ParameterizedTest
  @CsvSource({
    "/v2/a;x=y/tags/list, NAME_INVALID",
    "/api/health;x, NAME_INVALID",
    "/api/./health, NAME_INVALID",
    "/api/%68ealth, NAME_INVALID",
    "/metrics;x, NAME_INVALID",
    "/v2/%6detrics;x, NAME_INVALID",
    "/v2/a/tags/list?n=x, PAGINATION_NUMBER_INVALID",
    "/v2/a/tags/list?last=%0a, PAGINATION_NUMBER_INVALID",
    "/v2/a/manifests/x?ns=%00, NAME_INVALID",
    "/v2/a/blobs/x:y, DIGEST_INVALID"
  })
  void badRequestIsOciJsonAndAsksNobody(String target, String code) throws Exception {
    assertRefused(target, code);
  }

  /** Servers refuse some of these by themselves, or hand them on, as they are configured. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/a%2fb/tags/list",
        "/v2/a\\b/tags/list",
        "/v2/a%5cb/tags/list",
        "/v2/a%00/tags/list",
        "/v2/a%zz/tags/list",
        "/v2/a%",
        "/v2/..;/api/health",
        "/v2/a/%2e%2e/b/tags/list",
        "/v2//a/tags/list",
        "/v2/../../x",
        "/v2/a|b",
        "/api/..;/v2/",
        "/api//health",
        "/api/x%2fhealth",
        "/api/a%00",
        "/api/a\\b",
        "/%6detrics",
        "/v2/..;/metrics",
        "/v2/..;x=y/api/stats",
        "/v2/%2e%2e/metrics",
        "/v2/..%2fmetrics",
        "/v2/..%5cmetrics",
        "/ui/..;/metrics",
        "/;x/metrics",
        "/./metrics",
        "//metrics",
        "/metrics%00",
        "/metrics%3b",
        "/metrics%2f",
        "/metrics/../metrics"
      })
  @Tag("conf")
  void pathTrickIsOciJsonAndAsksNobody(String target) throws Exception {
    assertRefused(target, "NAME_INVALID");
  }

  private void assertRefused(String target, String code) throws Exception {
    var before = UPSTREAM.requests(Recorded.path("/v2/").negate());

    var answer = raw.send("GET", target);

    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.header("Content-Type")).startsWith("application/json");
    assertThat(answer.errorCode()).isEqualTo(code);
    assertThat(answer.body()).doesNotContain("detail");
    assertThat(UPSTREAM.requests(Recorded.path("/v2/").negate())).isEqualTo(before);
  }

  /** What servers keep to themselves of each WAR. */
  @ParameterizedTest
  @ValueSource(strings = {"/WEB-INF/web.xml", "/META-INF/MANIFEST.MF", "/WEB-INF/", "/meta-inf/x"})
  @Tag("conf")
  void folderOfTheWarIsOciJson(String target) throws Exception {
    var answer = raw.send("GET", target);

    assertThat(answer.status()).isEqualTo(404);
    assertThat(answer.header("Content-Type")).startsWith("application/json");
    assertThat(answer.errorCode()).isEqualTo("UNSUPPORTED");
  }

  /** Pulls a blob until it is stored, so that each later answer says the same. */
  private void warm(String path) {
    await()
        .untilAsserted(
            () ->
                assertThat(client.get(path).headers().firstValue("Cache-Status"))
                    .hasValue("entrepot; hit; detail=hit"));
  }

  private Digest putManifest() {
    var bytes =
        ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"layers\":[]}").getBytes(UTF_8);
    return UPSTREAM.putManifest(blobs.repository(), "1.0", MANIFEST, bytes);
  }

  private String manifestPath(String reference) {
    return "/v2/" + blobs.repository() + "/manifests/" + reference;
  }

  private static String upstreamHost() {
    return UPSTREAM.uri().getAuthority();
  }

  private static Map<String, List<String>> steady(Answer answer) {
    return without(answer, "");
  }

  private static Map<String, List<String>> without(Answer answer, String name) {
    var fields = new TreeMap<>(answer.fields());
    VARYING.forEach(fields::remove);
    fields.remove(name);
    if (!name.isEmpty()) {
      fields.remove("Content-Length");
    }
    return fields;
  }
}
