package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.entrepot.boot.SmallHeapServer;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.fixture.ScriptedServer;
import io.entrepot.oci.Digest;
import io.entrepot.oci.Json;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.IntFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A cache with a heap of 128 MiB, between clients that send the largest keys and an upstream that
 * sends the largest answers (S24, S28). The process would end at the first OutOfMemoryError.
 */
class SmallHeapTest {
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final int AT_ONCE = 16;
  private static final byte[] BLOB = BlobBench.random(3_000_000);
  private static final Digest BLOB_DIGEST = sha256(BLOB);

  /** What the upstream has, by the last part of the path. */
  private final Map<String, byte[]> manifests = new ConcurrentHashMap<>();

  private final ScriptedServer upstream = ScriptedServer.start(this::answer);
  private final HttpClient client = HttpClient.newHttpClient();
  @TempDir private Path folder;

  private static Digest sha256(byte[] bytes) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, bytes);
  }

  private Reply answer(Recorded request) {
    String path = request.path();
    if (path.equals("/token")) {
      return Reply.json(200, "{\"token\":\"" + "t".repeat(60_000) + "\",\"expires_in\":3000}");
    }
    if (request.header("Authorization") == null) {
      return challenge(path);
    }
    if (path.endsWith("/tags/list")) {
      return Reply.json(200, "{\"tags\":[" + tags() + "]}");
    }
    if (path.contains("/referrers/")) {
      String note = "\"annotations\":{\"note\":\"" + "n".repeat(8_000) + "\"}}";
      return Reply.json(200, "{\"schemaVersion\":2,\"manifests\":[]," + note)
          .header("Content-Type", INDEX);
    }
    String last = path.substring(path.lastIndexOf('/') + 1);
    if (last.equals(BLOB_DIGEST.toString())) {
      return Reply.of(200, Content.of(BLOB));
    }
    byte[] manifest = manifests.get(last);
    return manifest == null
        ? Reply.error(404, "MANIFEST_UNKNOWN", "m".repeat(2_000))
        : Reply.of(200, Content.of(manifest))
            .header("Content-Type", INDEX)
            .header("Docker-Content-Digest", sha256(manifest).toString());
  }

  /** Each repository needs a token of its own, with the longest names that are believed. */
  private Reply challenge(String path) {
    String service = "s".repeat(1_000);
    String repository =
        path.equals("/v2/") ? "" : path.replaceFirst("^/v2/(.*)/[a-z]+/[^/]*$", "$1");
    String scope = repository.isEmpty() ? "" : ",scope=\"repository:" + repository + ":pull\"";
    return Reply.error(401, "UNAUTHORIZED", "who are you")
        .header(
            "WWW-Authenticate",
            "Bearer realm=\"" + upstream.uri() + "/token\",service=\"" + service + "\"" + scope);
  }

  private static String tags() {
    return IntStream.range(0, 300)
        .mapToObj(i -> "\"" + "t".repeat(120) + i + "\"")
        .collect(Collectors.joining(","));
  }

  /** An index whose digest depends on a number. */
  private Digest index(int number, int size) {
    String begin = "{\"schemaVersion\":2,\"manifests\":[],\"annotations\":{\"n\":\"" + number;
    byte[] bytes = (begin + "x".repeat(size - begin.length() - 3) + "\"}}").getBytes(UTF_8);
    return put(bytes);
  }

  private Digest put(byte[] manifest) {
    Digest digest = sha256(manifest);
    manifests.put(digest.toString(), manifest);
    return digest;
  }

  private static String repository(int number) {
    return ("team" + number + "/").concat("r".repeat(200));
  }

  private HttpResponse<byte[]> get(URI uri) throws IOException {
    try {
      return client.send(request(uri), HttpResponse.BodyHandlers.ofByteArray());
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static HttpRequest request(URI uri) {
    return HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(60)).build();
  }

  /** Sends requests, some at once, and counts the statuses. */
  private Map<Integer, Integer> send(SmallHeapServer server, int count, IntFunction<String> path) {
    Map<Integer, Integer> statuses = new TreeMap<>();
    for (int i = 0; i < count; i += AT_ONCE) {
      List<CompletableFuture<HttpResponse<Void>>> some = new ArrayList<>();
      for (int k = i; k < Math.min(count, i + AT_ONCE); k++) {
        some.add(
            client.sendAsync(
                request(server.uri(path.apply(k))), HttpResponse.BodyHandlers.discarding()));
      }
      some.forEach(answer -> statuses.merge(answer.join().statusCode(), 1, Integer::sum));
    }
    return statuses;
  }

  private Map<String, Long> used(SmallHeapServer server) throws IOException {
    Map<String, Long> used = new TreeMap<>();
    for (JsonNode share :
        Json.mapper().readTree(get(server.uri("/api/stats")).body()).get("memory")) {
      long bytes = share.get("used").asLong();
      assertThat(bytes).as(share.toString()).isBetween(0L, share.get("bytes").asLong());
      used.put(share.get("name").asText(), 100 * bytes / share.get("bytes").asLong());
    }
    return used;
  }

  @Test
  void largestKeysAndAnswersLeaveRoomForAPull() throws Exception {
    String subject = "sha256:" + "a".repeat(64);
    String millionObjects =
        "{\"schemaVersion\":2,\"manifests\":[],\"x\":[" + "{},".repeat(1_300_000) + "{}]}";
    try (SmallHeapServer server = SmallHeapServer.start(folder, upstream.uri(), "128m")) {
      assertThat(
              send(
                  server,
                  800,
                  i ->
                      "/v2/team/app/referrers/" + subject + "?artifactType=" + i + "a".repeat(290)))
          .containsOnlyKeys(200);
      assertThat(
              send(
                  server,
                  160,
                  i -> "/v2/" + repository(i) + "/tags/list?last=" + "l".repeat(4_000)))
          .containsOnlyKeys(200);
      assertThat(send(server, 800, i -> "/v2/team/app/manifests/" + i + "t".repeat(120)))
          .containsOnlyKeys(404);
      List<Digest> small = IntStream.range(0, 200).mapToObj(i -> index(i, 60_000)).toList();
      assertThat(send(server, 200, i -> "/v2/" + repository(i % 20) + "/manifests/" + small.get(i)))
          .containsOnlyKeys(200);

      assertThat(send(server, 200, i -> "/v2/" + repository(i % 20) + "/manifests/" + small.get(i)))
          .containsOnlyKeys(200);

      List<Digest> large = IntStream.range(0, 8).mapToObj(i -> index(i, 4 << 20)).toList();
      assertThat(send(server, 8, i -> "/v2/team/app/manifests/" + large.get(i)))
          .containsKey(200)
          .doesNotContainKeys(500, 502);
      Digest hostile = put(millionObjects.getBytes(UTF_8));
      assertThat(send(server, 8, i -> "/v2/" + repository(i) + "/manifests/" + hostile))
          .doesNotContainKeys(200, 500);

      assertThat(used(server))
          .satisfies(
              used -> {
                for (String share :
                    List.of("referrers", "tag-lists", "absences", "tokens", "small-blobs")) {
                  assertThat(used.get(share)).as(share).isGreaterThan(60);
                }
                for (String share : List.of("questions", "bodies")) {
                  assertThat(used.get(share)).as(share).isZero();
                }
              });
      HttpResponse<byte[]> pulled = get(server.uri("/v2/team/app/blobs/" + BLOB_DIGEST));
      assertThat(pulled.statusCode()).isEqualTo(200);
      assertThat(pulled.body()).isEqualTo(BLOB);
      assertThat(server.isAlive()).isTrue();
    } finally {
      upstream.close();
    }
  }
}
