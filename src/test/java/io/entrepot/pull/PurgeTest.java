package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.LogLines;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Purges by REST: what goes, what stays, and what clients get from then on. */
class PurgeTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";
  private static final ObjectMapper JSON = new ObjectMapper();

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;
  private static int repositories;

  private String repository;
  private final Map<Digest, byte[]> blobs = new LinkedHashMap<>();
  private final Map<Digest, byte[]> manifests = new LinkedHashMap<>();
  private Digest index;

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    server =
        new TestServer.Builder(folder, upstream.uri())
            .set("proxy.revalidate", "1h")
            .set("storage.unlinkgrace", "0s")
            .set("expiry.pins", "kept/*:v3")
            .start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  /** Each test has an image of its own: two platforms, and a signature. */
  @BeforeEach
  void pull() {
    int seed = repositories++;
    for (String platform : List.of("amd64", "arm64")) {
      byte[] layer = (platform + " " + seed).repeat(1_000).getBytes(UTF_8);
      put(blobs, layer);
      put(manifests, json(IMAGE, "layers", descriptor(layer), ""));
    }
    byte[] list =
        json(
            INDEX,
            "manifests",
            manifests.values().stream().map(PurgeTest::descriptor).collect(joining(",")),
            "");
    index = put(manifests, list);
    byte[] signature = ("signature " + seed).getBytes(UTF_8);
    put(blobs, signature);
    String subject = ",\"subject\":" + descriptor(list);
    put(manifests, json(IMAGE, "layers", descriptor(signature), subject));
    pullInto("team" + seed + "/app");
  }

  private static Digest put(Map<Digest, byte[]> into, byte[] bytes) {
    Digest digest = Digest.ofBytes(Digest.Algorithm.SHA256, bytes);
    into.put(digest, bytes);
    return digest;
  }

  private static byte[] json(String type, String list, String entries, String more) {
    return "{\"schemaVersion\":2,\"mediaType\":\"%s\"%s,\"%s\":[%s]}"
        .formatted(type, more, list, entries)
        .getBytes(UTF_8);
  }

  private static String descriptor(byte[] bytes) {
    return "{\"mediaType\":\"%s\",\"digest\":\"%s\",\"size\":%d}"
        .formatted(IMAGE, Digest.ofBytes(Digest.Algorithm.SHA256, bytes), bytes.length);
  }

  /** Puts the image upstream, and pulls all of it. */
  private void pullInto(String name) {
    repository = name;
    blobs.values().forEach(bytes -> upstream.putBlob(name, bytes));
    manifests.forEach(
        (digest, bytes) ->
            upstream.putManifest(name, null, digest.equals(index) ? INDEX : IMAGE, bytes));
    upstream.moveTag(name, "v3", index);
    upstream.moveTag(name, "v1", index);
    get("manifests/v3");
    manifests.keySet().forEach(digest -> get("manifests/" + digest));
    blobs.keySet().forEach(digest -> get("blobs/" + digest));
    awaitIdle();
    upstream.clearRequests();
  }

  private static void awaitIdle() {
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
  }

  private HttpResponse<byte[]> get(String what) {
    HttpResponse<byte[]> answer = server.get("/v2/" + repository + "/" + what);
    assertThat(answer.statusCode()).as(what).isEqualTo(200);
    return answer;
  }

  private JsonNode purge(String path, int status) {
    HttpResponse<byte[]> answer = server.send("DELETE", "/api" + path);
    assertThat(answer.statusCode()).as(new String(answer.body(), UTF_8)).isEqualTo(status);
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String at(String what) {
    return "/repositories/" + repository + what;
  }

  private long size() {
    return Stream.concat(manifests.values().stream(), blobs.values().stream())
        .mapToLong(bytes -> bytes.length)
        .sum();
  }

  private int parts() {
    return manifests.size() + blobs.size();
  }

  private static boolean isStored(Digest digest) {
    try (Stream<Path> all = Files.walk(folder.resolve("data/blobs"))) {
      return all.anyMatch(file -> file.getFileName().toString().contains(digest.hex()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The whole image is asked of the upstream again, and only once. */
  private void assertGone() {
    upstream.clearRequests();
    get("manifests/v3");
    blobs.keySet().forEach(digest -> get("blobs/" + digest));
    awaitIdle();
    assertThat(upstream.requests()).hasSizeGreaterThanOrEqualTo(blobs.size() + 1);
    upstream.clearRequests();
    blobs.keySet().forEach(digest -> get("blobs/" + digest));
    assertThat(upstream.requests()).isEmpty();
  }

  private void assertWhole() {
    get("manifests/v3");
    manifests.keySet().forEach(digest -> get("manifests/" + digest));
    blobs.keySet().forEach(digest -> get("blobs/" + digest));
    assertThat(upstream.requests()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/tags/v3", "/manifests/DIGEST"})
  void imageGoesWithAllThatOnlyItNeeds(String what) {
    String path = at(what.replace("DIGEST", index.toString()));
    JsonNode dry = purge(path + "?dryRun=true", 200);
    assertThat(dry.get("dryRun").asBoolean()).isTrue();
    assertWhole();
    JsonNode done = purge(path, 200);
    assertThat(done.get("dryRun").asBoolean()).isFalse();
    for (JsonNode told : List.of(dry, done)) {
      assertThat(told.get("tags").toString()).isEqualTo("[\"" + repository + ":v3\"]");
      assertThat(told.get("digests").asInt()).isEqualTo(parts());
      assertThat(told.get("bytes").asLong()).isEqualTo(size());
      assertThat(told.get("gone")).hasSize(parts());
    }
    for (Digest digest : blobs.keySet()) {
      await().until(() -> !isStored(digest));
    }
    assertGone();
  }

  @Test
  void whatAnotherRepositoryHasStays() {
    String first = repository;
    pullInto("another" + repositories + "/app");
    JsonNode done = purge(at(""), 200);
    assertThat(done.get("digests").asInt()).isEqualTo(parts());
    assertThat(done.get("bytes").asLong()).isZero();
    assertThat(done.at("/gone/0/freed").asBoolean()).isFalse();
    upstream.clearRequests();
    repository = first;
    assertWhole();
  }

  @Test
  void tagOfWhatAnotherTagLeadsToGoesAlone() {
    get("manifests/v1");
    upstream.clearRequests();
    JsonNode done = purge(at("/tags/v3"), 200);
    assertThat(done.get("digests").asInt()).isZero();
    assertThat(done.get("bytes").asLong()).isZero();
    get("manifests/v1");
    blobs.keySet().forEach(digest -> get("blobs/" + digest));
    assertThat(upstream.requests()).isEmpty();
    get("manifests/v3");
    assertThat(upstream.requests()).as("the tag is resolved again").hasSize(1);
  }

  @Test
  void blobGoesFromAllRepositories() {
    Digest blob = blobs.keySet().iterator().next();
    String first = repository;
    pullInto("more" + repositories + "/app");
    JsonNode done = purge("/blobs/" + blob, 200);
    assertThat(done.get("digests").asInt()).isEqualTo(1);
    assertThat(done.get("bytes").asLong()).isEqualTo(blobs.get(blob).length);
    await().until(() -> !isStored(blob));
    for (String name : List.of(first, repository)) {
      repository = name;
      upstream.clearRequests();
      get("blobs/" + blob);
      awaitIdle();
      assertThat(upstream.requests()).isNotEmpty();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "/tags/v3", "/manifests/INDEX", "/manifests/CHILD"})
  void pinnedStays(String what) {
    pullInto("kept/app" + repositories);
    Digest child = manifests.keySet().iterator().next();
    String path = at(what.replace("INDEX", index.toString()).replace("CHILD", child.toString()));
    for (String query : List.of("", "?dryRun=true")) {
      JsonNode problem = purge(path + query, 409);
      assertThat(problem.get("title").asText()).isEqualTo("Conflict");
      assertThat(problem.get("detail").asText())
          .startsWith("nothing was purged: ")
          .contains("pinned", repository, "take the pin away first");
    }
    assertWhole();
  }

  @Test
  void whatIsBeingFetchedStays() throws Exception {
    byte[] bytes = BlobBench.random(500_000);
    Digest blob = upstream.putBlob(repository, bytes);
    Gate gate = upstream.hold(blob, 250_000);
    CompletableFuture<HttpResponse<byte[]>> pull =
        Background.supply(() -> server.get("/v2/" + repository + "/blobs/" + blob));
    await().until(() -> !server.stats().contains("\"fillsInFlight\":0"));

    JsonNode problem = purge(at(""), 409);
    gate.release();

    assertThat(problem.get("detail").asText()).contains("is being fetched", "try again");
    assertThat(pull.get(30, TimeUnit.SECONDS).body()).isEqualTo(bytes);
    upstream.clearRequests();
    awaitIdle();
    assertWhole();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "/repositories/none/such              | 404 | nothing of none/such is here",
        "/repositories/none/such/tags/v1      | 404 | is here",
        "/repositories/team0/app/tags/none    | 404 | is here",
        "/repositories/team0/app/tags/-x      | 400 | tag",
        "/repositories/team0/app/manifests/sha256:00 | 400 | sha256:00",
        "/repositories/TEAM                   | 400 | not a repository name",
        "/repositories/team0/app?dryRun=maybe | 400 | write true or false",
        "/blobs/sha256:00                     | 400 | sha256:00",
        "/blobs/x                             | 400 | digest",
      })
  void whatIsNotHereOrNoNameIsRefused(String path, int status, String sentence) {
    assertThat(purge(path, status).get("detail").asText()).contains(sentence);
  }

  @Test
  void purgeIsInTheAuditLog() {
    try (LogLines audit = LogLines.ofInfo("io.entrepot.audit")) {
      purge(at("/tags/v3") + "?dryRun=true", 200);
      assertThat(audit.with("purge")).isEmpty();
      purge(at("/tags/v3"), 200);
      assertThat(audit.with("purge"))
          .singleElement()
          .asString()
          .contains("\"action\":\"purge\"", ":v3\"", "\"address\":\"127.0.0.1\"")
          .contains(parts() + " digests, " + size() + " bytes");
    }
  }
}
