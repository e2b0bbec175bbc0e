package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.Content;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.fixture.Reply;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Two upstreams of one cache. What one of them has sent is not given out as content of the other
 * (S30), no client waits for the other (S29), and no answer tells what is here of the other (S31).
 */
class UpstreamBorderTest {
  private static final int SIZE = 2_000_000;

  @TempDir Path folder;
  private final byte[] secret = BlobBench.random(SIZE);
  private FakeRegistry home;
  private FakeRegistry lab;
  private TestServer server;
  private Digest blob;
  private String homePath;
  private String labPath;

  @BeforeEach
  void start() {
    home = FakeRegistry.start();
    lab = FakeRegistry.start();
    blob = home.putBlob("private/app", secret);
    homePath = "/v2/private/app/blobs/" + blob;
    labPath = "/v2/lab/team/app/blobs/" + blob;
    restart();
  }

  private void restart(String... settings) {
    TestServer.Builder builder =
        new TestServer.Builder(folder, home.uri())
            .set("upstreams.names", "lab")
            .set("upstreams.lab.url", lab.uri().toString());
    for (int i = 0; i < settings.length; i += 2) {
      builder.set(settings[i], settings[i + 1]);
    }
    server = builder.start();
    await().until(() -> !home.requests().isEmpty());
  }

  @AfterEach
  void stop() {
    server.close();
    home.close();
    lab.close();
  }

  private void pullFromHome() {
    assertThat(server.get(homePath).body()).isEqualTo(secret);
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    home.clearRequests();
    lab.clearRequests();
  }

  /** What the lab was asked about blobs, with the ranges. */
  private List<String> asked() {
    return lab.requests(r -> r.path().contains("/blobs/")).stream()
        .map(r -> r.method() + (r.header("Range") == null ? "" : " " + r.header("Range")))
        .toList();
  }

  @Test
  void upstreamThatConfirmsEverythingDoesNotGetTheBytesOfAnother() {
    pullFromHome();
    byte[] lie = new byte[SIZE];
    lab.front(
        (request, registry) ->
            request.path().contains("/blobs/")
                ? Reply.of(200, Content.of(lie))
                : registry.apply(request));
    assertThat(server.head(labPath).statusCode()).isEqualTo(200);

    assertFails(labPath);
    assertFails(labPath.replace("team", "other"));

    assertThat(server.get(homePath).body()).isEqualTo(secret);
    assertThat(home.requests()).isEmpty();
  }

  /** The answer is cut off, or is an error where the fill fails before the first byte is sent. */
  private void assertFails(String path) {
    HttpResponse<byte[]> answer;
    try {
      answer = server.get(path);
    } catch (UncheckedIOException e) {
      return;
    }
    assertThat(answer.statusCode()).isEqualTo(502);
  }

  @Test
  void bytesThatBothHaveAreFetchedOnceAndProvedByAStretch() {
    lab.putBlob(secret);
    pullFromHome();

    HttpResponse<byte[]> answer = server.get(labPath);

    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).isEqualTo(secret);
    assertThat(answer.headers().firstValue("Cache-Status"))
        .hasValue("entrepot; fwd=miss; detail=revalidated");
    assertThat(asked()).singleElement().asString().matches("GET bytes=\\d+-\\d+");
    assertThat(server.get(labPath).body()).isEqualTo(secret);
    assertThat(server.get(labPath.replace("team", "other")).body()).isEqualTo(secret);
    assertThat(asked()).hasSize(2).last().isEqualTo("HEAD");
    assertThat(home.requests()).isEmpty();
  }

  /** Nobody knows any more who has sent them. */
  @Test
  void bytesWhoseLinksAreLostAreProvedByAStretchAndNotFetchedAgain() throws IOException {
    pullFromHome();
    server.close();
    try (Stream<Path> index = Files.walk(folder.resolve("data/index"))) {
      for (Path file : index.filter(Files::isRegularFile).toList()) {
        Files.delete(file);
      }
    }
    restart();
    home.clearRequests();

    assertThat(server.get(homePath).body()).isEqualTo(secret);

    assertThat(home.requests(Recorded.blob(blob)))
        .singleElement()
        .satisfies(request -> assertThat(request.status()).isEqualTo(206));
    assertThat(server.get(labPath).statusCode()).isEqualTo(404);
    assertThat(server.get(homePath).body()).isEqualTo(secret);
    assertThat(home.requests(Recorded.blob(blob))).hasSize(1);
  }

  /** The home upstream drips the blob, and says that it is shorter. */
  @Test
  void clientsOfOneUpstreamDoNotWaitForAnother() throws Exception {
    lab.putBlob(secret);
    home.inject(Recorded.blobGet(blob), Fault.declareLength(SIZE - 1000));
    Gate drip = home.hold(blob, 1000);
    CompletableFuture<HttpResponse<byte[]>> slow = Background.supply(() -> server.get(homePath));
    drip.awaitReached();

    HttpResponse<byte[]> answer = server.get(labPath);
    HttpResponse<byte[]> range = server.get(labPath, "Range", "bytes=1500000-1500009");

    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
    assertThat(answer.body()).isEqualTo(secret);
    assertThat(range.headers().firstValue("Content-Range"))
        .hasValue("bytes 1500000-1500009/" + SIZE);
    assertThat(slow).isNotDone();
    assertThat(asked()).containsExactly("GET");
    home.clearFaults();
    drip.release();
    assertThatThrownBy(slow::join).hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void answersDoNotTellWhatIsHereOfAnotherUpstream() {
    pullFromHome();
    String range = "Range: bytes=0-9";
    String held = "If-None-Match: \"" + blob + "\"";
    assertNothingIsTold(404, "GET 1", "GET 2 " + range, "GET 3 " + held, "HEAD 4", "GET 4");
  }

  @Test
  void answersOfAnUpstreamThatIsOfflineDoNotTellIt() {
    pullFromHome();
    server.close();
    restart("upstreams.lab.offline", "true");
    assertNothingIsTold(504, "GET 1", "HEAD 1");
  }

  /**
   * Compares the answers about the blob, which is here for the home upstream, with those about a
   * digest that is nowhere.
   *
   * @param requests method, the number of a repository of the lab, and a header
   */
  private void assertNothingIsTold(int status, String... requests) {
    Digest absent = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[] {1});
    for (String request : requests) {
      lab.clearRequests();
      Map<String, String> stored = told(request, blob);
      int cost = asked().size();
      assertThat(stored).as(request).containsEntry("status", String.valueOf(status));
      assertThat(told(request.replace(blob.toString(), absent.toString()), absent))
          .as(request)
          .isEqualTo(stored);
      assertThat(asked()).as(request).hasSize(2 * cost);
    }
  }

  private Map<String, String> told(String request, Digest digest) {
    String[] words = request.split(" ", 3);
    String path = "/v2/lab/team/app" + words[1] + "/blobs/" + digest;
    String[] header = words.length == 3 ? words[2].split(": ", 2) : new String[0];
    return told(server.send(words[0], path, header), digest);
  }

  /** The whole answer but for its date, its number, and its digest. */
  private static Map<String, String> told(HttpResponse<byte[]> answer, Digest digest) {
    Map<String, String> told = new TreeMap<>();
    answer.headers().map().forEach((name, values) -> told.put(name, values.toString()));
    told.remove("date");
    told.remove("x-request-id");
    told.put("status", String.valueOf(answer.statusCode()));
    told.put("body", new String(answer.body(), UTF_8));
    told.replaceAll((name, text) -> text.replace(digest.toString(), "DIGEST"));
    return told;
  }
}
