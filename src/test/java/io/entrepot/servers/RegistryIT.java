package io.entrepot.servers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodySubscribers;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Checks of things that must be the same on all servers: answers, ranges, errors, and tricky paths.
 */
class RegistryIT extends ServerIT {
  private static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";

  @Test
  void versionCheckIsAnswered() throws Exception {
    var answer = client.get("/v2/");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).asString(UTF_8).isEqualTo("{}");
    assertThat(answer.headers().firstValue("Docker-Distribution-Api-Version"))
        .hasValue("registry/2.0");
  }

  @Test
  void healthIsJson() throws Exception {
    var answer = client.get("/api/health");

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type"))
        .hasValueSatisfying(type -> assertThat(type).startsWith("application/json"));
    assertThat(new ObjectMapper().readTree(answer.body()).isObject()).isTrue();
  }

  /** The upstream that is configured in JNDI is the only one that has this blob. */
  @Test
  void coldBlobCostsOneGetAndWarmBlobNone() throws Exception {
    var bytes = Blobs.bytes(3_000_000);
    var digest = blobs.put(bytes);

    var cold = client.get(blobs.path(digest));
    var afterCold = UPSTREAM.requests().size();
    var warm = client.get(blobs.path(digest));

    assertThat(cold.statusCode()).isEqualTo(200);
    assertThat(cold.body()).isEqualTo(bytes);
    assertThat(cold.headers().firstValue("Docker-Content-Digest")).hasValue(digest.toString());
    assertThat(cold.headers().firstValueAsLong("Content-Length")).hasValue(bytes.length);
    assertThat(warm.statusCode()).isEqualTo(200);
    assertThat(warm.body()).isEqualTo(bytes);
    assertThat(UPSTREAM.blobGets(digest)).hasSize(1);
    assertThat(UPSTREAM.requests()).as("requests for the warm blob").hasSize(afterCold);
  }

  /** The upstream holds the blob back until every client has its headers, so all of them join. */
  @Test
  void hundredClientsJoinOneFill() throws Exception {
    var bytes = Blobs.bytes(2_000_000);
    var digest = blobs.put(bytes);
    Gate gate = UPSTREAM.hold(digest, 500_000);
    var begun = new CountDownLatch(100);
    BodyHandler<Boolean> whole =
        head -> {
          begun.countDown();
          return BodySubscribers.mapping(BodySubscribers.ofByteArray(), digest::matches);
        };

    List<CompletableFuture<HttpResponse<Boolean>>> answers =
        Stream.generate(() -> client.request(blobs.path(digest)).build())
            .limit(100)
            .map(request -> client.http().sendAsync(request, whole))
            .toList();
    try {
      assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
    } finally {
      gate.release();
    }

    for (var answer : answers) {
      assertThat(answer.get(60, TimeUnit.SECONDS).statusCode()).isEqualTo(200);
      assertThat(answer.get().body()).as("right digest").isTrue();
    }
    assertThat(UPSTREAM.blobGets(digest)).hasSize(1);
  }

  @Test
  void manifestComesByTagAndByDigest() throws Exception {
    var bytes =
        ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"layers\":[]}").getBytes(UTF_8);
    var digest = UPSTREAM.putManifest(blobs.repository(), "1.0", MANIFEST, bytes);

    for (var reference : List.of("1.0", digest.toString())) {
      var answer =
          client.get("/v2/" + blobs.repository() + "/manifests/" + reference, "Accept", MANIFEST);

      assertThat(answer.statusCode()).isEqualTo(200);
      assertThat(answer.body()).isEqualTo(bytes);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue(MANIFEST);
      assertThat(answer.headers().firstValue("Docker-Content-Digest")).hasValue(digest.toString());
    }
    assertThat(UPSTREAM.requests(Recorded.method("GET").and(Recorded.manifest(digest)))).hasSize(1);
    assertThat(
            UPSTREAM.requests(
                Recorded.method("GET")
                    .and(Recorded.path("/v2/" + blobs.repository() + "/manifests/1.0"))))
        .isEmpty();
  }

  @Test
  void rangeIsPartialContent() throws Exception {
    var bytes = Blobs.bytes(200_000);
    var digest = blobs.put(bytes);

    var cold = client.get(blobs.path(digest), "Range", "bytes=1000-1999");
    var whole = client.get(blobs.path(digest));
    var suffix = client.get(blobs.path(digest), "Range", "bytes=-7");
    var beyond = client.get(blobs.path(digest), "Range", "bytes=200000-");

    assertThat(cold.statusCode()).isEqualTo(206);
    assertThat(cold.headers().firstValue("Content-Range")).hasValue("bytes 1000-1999/200000");
    assertThat(cold.body()).isEqualTo(Arrays.copyOfRange(bytes, 1000, 2000));
    assertThat(whole.body()).isEqualTo(bytes);
    assertThat(suffix.statusCode()).isEqualTo(206);
    assertThat(suffix.body()).isEqualTo(Arrays.copyOfRange(bytes, 199_993, 200_000));
    assertThat(beyond.statusCode()).isEqualTo(416);
    assertThat(beyond.headers().firstValue("Content-Range")).hasValue("bytes */200000");
  }

  @Test
  void headOfAColdBlobDownloadsNothing() throws Exception {
    var digest = blobs.put(Blobs.bytes(100_000));

    var answer = client.send("HEAD", blobs.path(digest));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(100_000);
    assertThat(answer.body()).isEmpty();
    assertThat(UPSTREAM.blobGets(digest)).isEmpty();
  }

  @Test
  void headOfAWarmBlobAsksNobody() throws Exception {
    var digest = blobs.put(Blobs.bytes(100_000));
    await()
        .untilAsserted(
            () ->
                assertThat(client.get(blobs.path(digest)).headers().firstValue("Cache-Status"))
                    .hasValue("entrepot; hit; detail=hit"));
    var before = UPSTREAM.requests();

    var answer = client.send("HEAD", blobs.path(digest));

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(100_000);
    assertThat(answer.headers().firstValue("Docker-Content-Digest")).hasValue(digest.toString());
    assertThat(answer.body()).isEmpty();
    assertThat(UPSTREAM.requests()).isEqualTo(before);
  }

  @Test
  void headOfAWarmManifestAsksNobodyForIt() throws Exception {
    var bytes =
        ("{\"schemaVersion\":2,\"mediaType\":\"" + MANIFEST + "\",\"layers\":[]}").getBytes(UTF_8);
    var digest = UPSTREAM.putManifest(blobs.repository(), "1.0", MANIFEST, bytes);
    var path = "/v2/" + blobs.repository() + "/manifests/";
    client.get(path + "1.0", "Accept", MANIFEST);
    var gets = UPSTREAM.requests(Recorded.method("GET"));

    for (var reference : List.of("1.0", digest.toString())) {
      var answer = client.send("HEAD", path + reference);

      assertThat(answer.statusCode()).as(reference).isEqualTo(200);
      assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(bytes.length);
      assertThat(answer.headers().firstValue("Content-Type")).hasValue(MANIFEST);
      assertThat(answer.headers().firstValue("Docker-Content-Digest")).hasValue(digest.toString());
      assertThat(answer.body()).isEmpty();
    }
    assertThat(UPSTREAM.requests(Recorded.method("GET"))).isEqualTo(gets);
  }

  @Test
  void knownDigestIsNotModified() throws Exception {
    var digest = blobs.put(Blobs.bytes(10));

    var etag = client.get(blobs.path(digest)).headers().firstValue("ETag").orElseThrow();
    var again = client.get(blobs.path(digest), "If-None-Match", etag);

    assertThat(etag).isEqualTo("\"" + digest + "\"");
    assertThat(again.statusCode()).isEqualTo(304);
    assertThat(again.body()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"POST", "PUT", "PATCH", "DELETE"})
  void writesAreUnsupported(String method) throws Exception {
    for (var path :
        List.of("/manifests/1.0", "/blobs/uploads/", "/blobs/sha256:" + "0".repeat(64))) {
      var answer = client.send(method, "/v2/" + blobs.repository() + path);

      assertThat(answer.statusCode()).as(path).isEqualTo(405);
      assertThat(new ObjectMapper().readTree(answer.body()).at("/errors/0/code").asText())
          .isEqualTo("UNSUPPORTED");
    }
  }

  /**
   * S10: each server decodes, collapses and strips paths in its own way. None may let these
   * through.
   */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/v2/a/..%2fb/blobs/D",
        "/v2/a%2Fb/blobs/D",
        "/v2/a/%2e%2e/b/blobs/D",
        "/v2/a/../b/blobs/D",
        "/v2/a/./b/blobs/D",
        "/v2/a//b/blobs/D",
        "/v2//a/blobs/D",
        "//v2/a/blobs/D",
        "/v2/a;x/blobs/D",
        "/v2/a;x=1/../b/blobs/D",
        "/v2/a/blobs/D;x",
        "/v2/a\\b/blobs/D",
        "/v2/a%5cb/blobs/D",
        "/v2/a%00b/blobs/D",
        "/v2/a%250ab/blobs/D",
        "/v2/a/blobs/D%20"
      })
  void pathTricksAreBadRequests(String target) throws Exception {
    var before = UPSTREAM.requests();

    var answer = RawClient.of(server).get(target.replace("D", "sha256:" + "0".repeat(64)));

    assertThat(answer.status()).isEqualTo(400);
    assertThat(UPSTREAM.requests()).isEqualTo(before);
  }

  /** Where a server does not collapse them they are paths of another servlet, which has no such. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "/x/../v2/a/blobs/D",
        "/api/../v2/a/blobs/D",
        "/api/..;/v2/a/blobs/D",
        "/api/%2e%2e/v2/a/blobs/D",
        "/metrics/..%2fv2/a/blobs/D",
        "/v2/api/../../v2/a/blobs/D"
      })
  void pathTricksLeadFromNoOtherPrefixToTheRegistry(String target) throws Exception {
    var before = UPSTREAM.requests();

    var answer = RawClient.of(server).get(target.replace("D", "sha256:" + "0".repeat(64)));

    assertThat(answer.status()).isIn(400, 404);
    assertThat(UPSTREAM.requests()).isEqualTo(before);
  }
}
