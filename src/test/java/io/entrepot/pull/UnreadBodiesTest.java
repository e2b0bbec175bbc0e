package io.entrepot.pull;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Clients that ask for large manifests, lists and reports, and read nothing (S25). */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class UnreadBodiesTest {
  private static final String IMAGE = "application/vnd.oci.image.manifest.v1+json";
  private static final String PATH = "/v2/team/app/";

  /** More than there are pumps, and more than the server has threads. */
  private static final int MANY = 24;

  private static final int THREADS = 20;

  /** Small, so that the server soon has to wait for the client. */
  private static final String SOCKET_BUFFER = "4096";

  /** A thread that waits for a client would take half a minute. The machine may be busy. */
  private static final Duration VICTIMS_LIMIT = Duration.ofSeconds(10);

  @TempDir static Path folder;
  private final FakeRegistry upstream = FakeRegistry.start();
  private final List<PullSocket> unread = new ArrayList<>();
  private final byte[] large = manifest("x".repeat(1000), 4_000);
  private final Digest largeDigest = upstream.putManifest("team/app", "large", IMAGE, large);
  private final Digest small =
      upstream.putManifest("team/app", "small", IMAGE, manifest("small", 1));
  private TestServer server;

  /** A manifest with so many annotations, all with the same value. */
  private static byte[] manifest(String note, int annotations) {
    String notes =
        IntStream.range(0, annotations)
            .mapToObj(i -> "\"n%d\":\"%s\"".formatted(i, note))
            .collect(Collectors.joining(","));
    return """
        {"schemaVersion":2,"mediaType":"%s","layers":[],"annotations":{%s}}"""
        .formatted(IMAGE, notes)
        .getBytes(UTF_8);
  }

  @BeforeAll
  void start() {
    server =
        new TestServer.Builder(folder, upstream.uri())
            .withoutSendfile()
            .connector("socket.txBufSize", SOCKET_BUFFER)
            .connector("maxThreads", Integer.toString(THREADS))
            .connector("maxSwallowSize", "0") // as java -jar and tomcat-conf have it
            .set("http.minrate", "1KiB")
            .set("http.patience", "1s")
            .start();
  }

  @AfterEach
  void leave() throws IOException {
    for (PullSocket each : unread) {
      each.close();
    }
    unread.clear();
  }

  @AfterAll
  void stop() {
    server.close();
    upstream.close();
  }

  /** Asks for a body as often as a hostile client can, and reads nothing of it. */
  private void askAndReadNothing(String path) throws IOException {
    for (int i = 0; i < MANY; i++) {
      unread.add(new PullSocket(server.port(), path));
    }
  }

  /** What others pull meanwhile: a manifest that is here, one that is not, and the version. */
  private void assertOthersAreServed() {
    Digest other = upstream.putManifest("team/app", null, IMAGE, manifest("other", 1));
    for (String path : List.of("/v2/", PATH + "manifests/" + small, PATH + "manifests/" + other)) {
      long begun = System.nanoTime();
      HttpResponse<byte[]> answer = server.get(path);
      assertThat(answer.statusCode()).as(path).isEqualTo(200);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).as(path).isLessThan(VICTIMS_LIMIT);
    }
  }

  /** Requests whose own bodies never end, on every servlet, more than there are threads. */
  @Test
  void bodiesOfRequestsThatNeverEndHoldNoThread() throws IOException {
    List<String> requests =
        List.of(
            "GET /v2/",
            "GET " + PATH + "manifests/absent",
            "POST " + PATH + "blobs/uploads/",
            "POST /api/drain",
            "GET /metrics",
            "POST /ui/",
            "DELETE /none");
    List<Socket> open = new ArrayList<>();
    try {
      for (int i = 0; i < 4 * requests.size(); i++) {
        Socket client = new Socket(InetAddress.getLoopbackAddress(), server.port());
        open.add(client);
        client.setSoTimeout(60_000);
        String head = requests.get(i % requests.size()) + " HTTP/1.1\r\nHost: x\r\n";
        client.getOutputStream().write((head + "Content-Length: 1000\r\n\r\nx").getBytes(UTF_8));
      }
      assertOthersAreServed();
      for (Socket client : open) {
        String answer = new String(client.getInputStream().readAllBytes(), UTF_8);
        assertThat(answer).startsWith("HTTP/1.1 ");
      }
    } finally {
      for (Socket client : open) {
        client.close();
      }
    }
  }

  private void assertUnreadAreDropped(int length) {
    await().until(() -> server.stats().contains("\"fillsInFlight\":0"));
    await().until(() -> inFlight() == 0);
    assertThat(unread.get(0).rest()).hasSizeLessThan(length);
  }

  private int inFlight() {
    return new String(server.get("/metrics").body(), UTF_8)
        .lines()
        .filter(line -> line.startsWith("entrepot_requests_in_flight "))
        .mapToInt(line -> (int) Double.parseDouble(line.substring(line.indexOf(' '))))
        .sum();
  }

  @Test
  void largeManifestThatIsStoredHoldsNoThread() throws IOException {
    assertThat(server.get(PATH + "manifests/" + largeDigest).body()).isEqualTo(large);
    assertThat(server.get(PATH + "manifests/" + small).statusCode()).isEqualTo(200);

    askAndReadNothing(PATH + "manifests/" + largeDigest);

    assertOthersAreServed();
    assertUnreadAreDropped(large.length);
    assertThat(server.get(PATH + "manifests/" + largeDigest).body()).isEqualTo(large);
  }

  @Test
  void largeManifestOfATagHoldsNoThread() throws IOException {
    assertThat(server.get(PATH + "manifests/" + small).statusCode()).isEqualTo(200);

    askAndReadNothing(PATH + "manifests/large");

    assertOthersAreServed();
    assertUnreadAreDropped(large.length);
    assertThat(server.get(PATH + "manifests/large").body()).isEqualTo(large);
  }

  @Test
  void largeListHoldsNoThreadAndNoMemory() throws IOException {
    assertThat(server.get(PATH + "manifests/" + small).statusCode()).isEqualTo(200);
    for (int i = 0; i < 30_000; i++) {
      upstream.moveTag("team/app", "t%0120d".formatted(i), small);
    }
    byte[] list = server.get(PATH + "tags/list").body();
    assertThat(list).hasSizeGreaterThan(3 << 20);

    askAndReadNothing(PATH + "tags/list");

    assertOthersAreServed();
    assertUnreadAreDropped(list.length);
    assertThat(server.get(PATH + "tags/list").body()).isEqualTo(list);
  }

  /** They are sent on threads of the server, so only some are sent at once. */
  @ParameterizedTest
  @ValueSource(strings = {"/metrics", "/api/stats"})
  void unreadReportsLeaveThreadsToOthers(String path) throws IOException {
    askAndReadNothing(path);

    assertOthersAreServed();
    for (PullSocket each : unread) {
      each.close();
    }
    await().until(() -> server.get(path).statusCode() == 200);
  }
}
