package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.LogLines;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Pins, rests of upstreams and verifications by REST. */
class SteeringTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";

  @TempDir static Path folder;
  private static FakeRegistry upstream;
  private static TestServer server;

  @BeforeAll
  static void start() {
    upstream = FakeRegistry.start();
    start(builder());
  }

  private static TestServer.Builder builder() {
    return new TestServer.Builder(folder, upstream.uri())
        .set("proxy.name", "hub.example")
        .set("upstreams.names", "lab")
        .set("upstreams.lab.url", "https://lab.example")
        .set("upstreams.lab.offline", "true")
        .set("expiry.pins", "base/*:latest");
  }

  private static void start(TestServer.Builder builder) {
    server = builder.start();
  }

  @AfterAll
  static void stop() {
    server.close();
    upstream.close();
  }

  private static HttpResponse<byte[]> post(String path, String body) throws Exception {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(server.uri("/api" + path))
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body))
                .build(),
            HttpResponse.BodyHandlers.ofByteArray());
  }

  private static int status(String path, String body) throws Exception {
    return post(path, body).statusCode();
  }

  private static JsonNode json(HttpResponse<byte[]> answer) {
    try {
      return JSON.readTree(answer.body());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String pins() {
    return new String(server.get("/api/pins").body(), UTF_8).replaceAll("\"added\":\"[^\"]+\"", "");
  }

  /** The lines of the stream of events, which comes until the stream is closed. */
  private static HttpResponse<Stream<String>> events() throws Exception {
    return server
        .client()
        .send(
            HttpRequest.newBuilder(server.uri("/api/events")).build(),
            HttpResponse.BodyHandlers.ofLines());
  }

  @Test
  void whatHappensIsToldAsItHappens() throws Exception {
    HttpResponse<Stream<String>> answer = events();
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("text/event-stream");
    assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
    try (Stream<String> lines = answer.body()) {
      Iterator<String> each = lines.iterator();
      assertThat(each.next()).as("sent before anything has been looked at").isEqualTo(":");
      assertThat(next(each, "data: [{")).contains("\"name\":\"hub.example\",\"offline\":false");
      post("/pins", "{\"pattern\":\"told/*:v1\"}");
      assertThat(next(each, "data: {\"time\""))
          .contains("\"action\":\"pin\"", "\"repository\":\"told/*:v1\"");
      post("/upstreams/hub.example/rest", "{\"offline\":true}");
      assertThat(next(each, "data: [{")).contains("\"name\":\"hub.example\",\"offline\":true");
    } finally {
      post("/upstreams/hub.example/rest", "{\"offline\":false}");
      server.send("DELETE", "/api/pins?pattern=told/*:v1");
    }
  }

  /** The next line that begins so; what comes in between is left out. */
  private static String next(Iterator<String> lines, String begin) {
    String line = lines.next();
    while (!line.startsWith(begin)) {
      line = lines.next();
    }
    return line;
  }

  @Test
  void eventsAreReadByGetAndByFewClients() throws Exception {
    assertThat(server.head("/api/events").headers().firstValue("Content-Type"))
        .hasValue("text/event-stream");
    HttpResponse<byte[]> refused = server.send("DELETE", "/api/events");
    assertThat(refused.statusCode()).isEqualTo(405);
    assertThat(refused.headers().firstValue("Allow")).hasValue("GET, HEAD");
    assertThat(refused.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    List<HttpResponse<Stream<String>>> open = new ArrayList<>();
    HttpResponse<Stream<String>> last = events();
    while (last.statusCode() == 200) {
      open.add(last);
      last = events();
    }
    try (Stream<String> lines = last.body()) {
      assertThat(last.statusCode()).isEqualTo(503);
      assertThat(last.headers().firstValue("Content-Type")).hasValue("application/problem+json");
      assertThat(lines.toList().toString()).contains("too many clients read events");
    }
    assertThat(open).hasSizeBetween(10, 16); // those of another test may not have left yet
    open.forEach(answer -> answer.body().close());
  }

  @Test
  void pinIsKeptUntilItIsTakenAway() throws Exception {
    String ofSettings =
        "{\"pattern\":\"hub.example/base/*:latest\",\"source\":\"settings\",\"added\":null}";
    assertThat(pins()).isEqualTo("{\"pins\":[" + ofSettings + "]}");
    assertThat(status("/pins", "{\"pattern\":\"team/*:v*\"}")).isEqualTo(201);
    assertThat(status("/pins", "{\"pattern\":\"team/*:v*\"}"))
        .as("somebody else too")
        .isEqualTo(200);
    String both = "{\"pins\":[" + ofSettings + ",{\"pattern\":\"team/*:v*\",\"source\":\"api\",}]}";
    assertThat(pins()).isEqualTo(both);
    assertThat(new String(server.get("/api/explain?reference=team/app:v1").body(), UTF_8))
        .contains("\"pins\":[\"team/*:v*\"]");
    server.close();
    start(builder());
    assertThat(pins()).as("after a restart").isEqualTo(both);
    for (int times = 0; times < 2; times++) {
      assertThat(server.send("DELETE", "/api/pins?pattern=team/*:v*").statusCode()).isEqualTo(200);
      assertThat(pins()).isEqualTo("{\"pins\":[" + ofSettings + "]}");
    }
  }

  @Test
  void peopleWhoChangeOnePinAtOnceAllSucceed() throws Exception {
    for (int round = 0; round < 5; round++) {
      List<CompletableFuture<Integer>> changes = new ArrayList<>();
      for (int person = 0; person < 8; person++) {
        boolean adds = person % 2 == 0;
        changes.add(Background.supply(() -> adds ? addBoth() : removeBoth()));
      }
      for (CompletableFuture<Integer> change : changes) {
        assertThat(change.get(30, TimeUnit.SECONDS)).isIn(200, 201);
      }
      assertThat(addBoth()).isIn(200, 201);
      assertThat(pins()).containsOnlyOnce("team/*:both");
    }
    assertThat(removeBoth()).isEqualTo(200);
    assertThat(pins()).doesNotContain("team/*:both");
  }

  private static int addBoth() {
    try {
      return status("/pins", "{\"pattern\":\"team/*:both\"}");
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static int removeBoth() {
    return server.send("DELETE", "/api/pins?pattern=team/*:both").statusCode();
  }

  @Test
  void pinOfTheSettingsStays() {
    HttpResponse<byte[]> answer = server.send("DELETE", "/api/pins?pattern=base/*:latest");
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(json(answer).get("detail").asText()).contains("change it there");
  }

  @Test
  void pinsAreAsManyAsOneQuestionCanName() throws Exception {
    for (int i = 1; i < 100; i++) {
      assertThat(status("/pins", "{\"pattern\":\"many/r" + i + "\"}")).isEqualTo(201);
    }
    HttpResponse<byte[]> answer = post("/pins", "{\"pattern\":\"one/more\"}");
    assertThat(answer.statusCode()).isEqualTo(409);
    assertThat(json(answer).get("detail").asText()).contains("there are 100 pins already");
    for (int i = 1; i < 100; i++) {
      server.send("DELETE", "/api/pins?pattern=many/r" + i);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '\'',
      value = {
        "/pins                        | {\"pattern\":\"UPPER\"}     | 400 | is no pin",
        "/pins                        | {\"pattern\":\"\"}          | 400 | is no pin",
        "/pins                        | {\"pattern\":[\"a\",\"b\"]} | 400 | must have one value",
        "/pins                        | {\"pattern\":false}          | 400 | must have one value",
        "/pins                        | {\"pattern\":7}              | 400 | is no text",
        "/pins                        | {}                          | 400 | must have one value",
        "/pins                        | {\"other\":1}               | 400 | unknown field",
        "/pins                        | []                          | 400 | not a JSON object",
        "/pins                        | {\"pattern\":               | 400 | not JSON",
        "/upstreams/none/rest         | {\"offline\":true}          | 404 | there is no upstream",
        "/upstreams/hub.example/rest  | {}                          | 400 | true or false",
        "/upstreams/hub.example/rest  | {\"offline\":\"true\"}       | 400 | true or false",
        "/upstreams/hub.example/rest  | {\"offline\":\"x\"}         | 400 | true or false",
        "/upstreams/lab/rest          | {\"offline\":false}         | 409 | change them there",
      })
  void wrongWishesGetASentence(String path, String body, int status, String sentence)
      throws Exception {
    HttpResponse<byte[]> answer = post(path, body);
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue("Content-Type")).hasValue("application/problem+json");
    assertThat(json(answer).get("detail").asText()).contains(sentence);
  }

  @Test
  void upstreamThatIsTakenOutIsNotAskedUntilItIsTakenIn() throws Exception {
    Digest manifest =
        upstream.putManifest(
            "team/rest", "v1", IMAGE, "{\"schemaVersion\":2,\"layers\":[]}".getBytes(UTF_8));
    String path = "/v2/team/rest/manifests/";
    assertThat(server.get(path + "v1").statusCode()).isEqualTo(200);
    JsonNode out = json(post("/upstreams/hub.example/rest", "{\"offline\":true}"));
    assertThat(out.get("offline").asBoolean()).isTrue();
    upstream.clearRequests();

    HttpResponse<byte[]> stale = server.get(path + "v1");
    assertThat(stale.statusCode()).isEqualTo(200);
    assertThat(stale.headers().firstValue("Warning").orElse("")).startsWith("110");
    assertThat(server.get(path + manifest).statusCode()).isEqualTo(200);
    assertThat(server.get(path + "v2").statusCode()).isEqualTo(504);
    assertThat(new String(server.get("/api/missing").body(), UTF_8)).contains("team/rest:v2");
    assertThat(new String(server.get("/api/health").body(), UTF_8)).contains("was taken out");
    assertThat(upstream.requests()).isEmpty();

    JsonNode in = json(post("/upstreams/hub.example/rest", "{\"offline\":false}"));
    assertThat(in.get("offline").asBoolean()).isFalse();
    assertThat(server.get(path + "v1").headers().firstValue("Warning")).isEmpty();
    assertThat(upstream.requests()).hasSize(1);
  }

  @Test
  void everythingIsVerifiedByWish() throws Exception {
    byte[] bytes = BlobBench.random(50_000);
    Digest blob = upstream.putBlob("team/rot", bytes);
    String path = "/v2/team/rot/blobs/" + blob;
    assertThat(server.get(path).body()).isEqualTo(bytes);
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    try (Stream<Path> all = Files.walk(folder.resolve("data/blobs"))) {
      Path file = all.filter(f -> f.toString().contains(blob.hex())).findFirst().orElseThrow();
      bytes[7]++;
      Files.write(file, bytes);
      bytes[7]--;
    }
    try (LogLines audit = LogLines.ofInfo("io.entrepot.audit")) {
      HttpResponse<byte[]> answer = post("/verify", "");
      assertThat(answer.statusCode()).isEqualTo(202);
      assertThat(audit.with("\"action\":\"verify\"")).hasSize(1);
    }
    await().until(() -> server.stats().contains("\"damaged\":1"));
    upstream.clearRequests();
    assertThat(server.get(path).body()).isEqualTo(bytes);
    assertThat(upstream.requests()).isNotEmpty();
  }

  @Test
  void methodsThatAreNotAllowedAreTold() {
    for (String path : List.of("/api/verify", "/api/drain", "/api/upstreams/lab/rest")) {
      HttpResponse<byte[]> answer = server.get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(405);
      assertThat(answer.headers().firstValue("Allow").orElse("")).contains("POST");
    }
  }
}
