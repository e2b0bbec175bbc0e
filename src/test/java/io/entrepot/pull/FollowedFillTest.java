package io.entrepot.pull;

import static java.net.http.HttpResponse.BodyHandlers.ofByteArray;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.FreePort;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Postgres;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** Two nodes that are asked for the same blob. The one that has its claim fetches it. */
@Timeout(120)
@EnabledIfSystemProperty(named = "entrepot.test.database", matches = "postgresql")
class FollowedFillTest {
  private static final int SIZE = 3_000_000;
  private static final Pattern HERE = Pattern.compile("\"bytesHere\":(\\d+)");
  private static final int HALF = SIZE / 2;

  @TempDir Path folder;
  private FakeRegistry upstream;
  private String url;
  private final List<TestServer> running = new ArrayList<>();
  private TestServer a;
  private TestServer b;

  @BeforeEach
  void start() throws SQLException, IOException {
    upstream = FakeRegistry.start();
    String jdbc = Postgres.newDatabase();
    url = jdbc.substring(0, jdbc.indexOf('?'));
    Path file =
        Files.createFile(
            folder.resolve("secret"),
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.writeString(file, "s".repeat(32));
    a = node("a");
    b = node("b");
  }

  @AfterEach
  void stop() {
    running.forEach(TestServer::close);
    upstream.close();
  }

  private TestServer node(String name) {
    int port = FreePort.find();
    TestServer.Builder node =
        new TestServer.Builder(folder.resolve(name), upstream.uri())
            .set("database.url", url)
            .set("database.username", "postgres")
            .set("cluster.address", "http://127.0.0.1:" + port)
            .set("cluster.node", name)
            .set("cluster.insecure", "true")
            .set("cluster.secretfile", folder.resolve("secret").toString())
            .connector("port", String.valueOf(port));
    TestServer started = node.start();
    running.add(started);
    return started;
  }

  private static CompletableFuture<HttpResponse<byte[]>> pull(TestServer node, String path) {
    HttpRequest request = HttpRequest.newBuilder(node.uri(path)).build();
    return node.client().sendAsync(request, ofByteArray());
  }

  private static String path(String repository, Digest blob) {
    return "/v2/" + repository + "/blobs/" + blob;
  }

  private static void assertRight(CompletableFuture<HttpResponse<byte[]>> answer, Digest blob)
      throws Exception {
    HttpResponse<byte[]> got = answer.get(60, TimeUnit.SECONDS);
    assertThat(got.statusCode()).isEqualTo(200);
    assertThat(blob.matches(got.body())).isTrue();
  }

  private static String cacheStatus(CompletableFuture<HttpResponse<byte[]>> answer) {
    return answer.join().headers().firstValue("Cache-Status").orElse("none");
  }

  /** Waits until a node has as much as the upstream has sent. */
  private static void awaitHalf(TestServer node) {
    await().until(() -> here(node) > HALF - 200_000);
  }

  private static long here(TestServer node) {
    Matcher here = HERE.matcher(new String(node.get("/api/fills").body(), UTF_8));
    return here.find() ? Long.parseLong(here.group(1)) : 0;
  }

  @Test
  void blobThatBothNodesAreAskedForIsFetchedOnce() throws Exception {
    Digest blob = upstream.putBlob("team/app", BlobBench.random(SIZE));
    Gate gate = upstream.hold(blob, HALF);
    var first = pull(a, path("team/app", blob));
    gate.awaitReached();
    var second = pull(b, path("team/app", blob));
    awaitHalf(b); // before the upstream has sent the rest
    gate.release();

    assertRight(first, blob);
    assertRight(second, blob);
    assertThat(upstream.blobGets(blob)).hasSize(1);
    assertThat(upstream.requests(request -> request.method().equals("HEAD"))).isEmpty();
    assertThat(cacheStatus(second)).contains("collapsed");
  }

  @Test
  void followerGoesOnByRangeAtTheByteThatItHasWhenTheOtherStops() throws Exception {
    Digest blob = upstream.putBlob("team/app", BlobBench.random(SIZE));
    Gate gate = upstream.hold(blob, HALF);
    var first = pull(a, path("team/app", blob));
    gate.awaitReached();
    var second = pull(b, path("team/app", blob));
    awaitHalf(b);
    running.remove(a);
    a.close();
    await().until(() -> upstream.blobGets(blob).size() == 2);
    gate.release();

    assertRight(second, blob);
    assertThat(first).isCompletedExceptionally();
    List<Recorded> gets = upstream.blobGets(blob);
    assertThat(gets).hasSize(2);
    String range = gets.get(1).header("Range");
    assertThat(range).matches("bytes=\\d+-");
    assertThat(Long.parseLong(range.substring(6, range.length() - 1)))
        .isBetween(HALF - 200_000L, (long) HALF);
  }

  @Test
  void blobThatOneNodeHasIsSentToTheOther() throws Exception {
    Digest blob = upstream.putBlob("team/app", BlobBench.random(SIZE));
    assertRight(pull(a, path("team/app", blob)), blob);
    await().until(() -> a.stats().contains("\"fillsInFlight\":0"));
    upstream.clearRequests();

    assertRight(pull(b, path("team/app", blob)), blob);

    assertThat(upstream.blobGets(blob)).isEmpty();
    assertThat(received(b)).isEqualTo("receivedBytes\":" + SIZE);
    assertThat(received(a)).isEqualTo("receivedBytes\":0");
  }

  private static String received(TestServer node) {
    String cluster = new String(node.get("/api/cluster").body(), UTF_8);
    return cluster.replaceAll("(?s).*(receivedBytes\":\\d+).*", "$1");
  }

  @Test
  void rangeFarAheadOfBothFillsIsFetchedOnce() throws Exception {
    int size = 24 << 20;
    byte[] bytes = BlobBench.random(size);
    Digest blob = upstream.putBlob("team/app", bytes);
    Gate gate = upstream.hold(blob, HALF);
    var first = pull(a, path("team/app", blob));
    gate.awaitReached();
    var second = pull(b, path("team/app", blob));
    awaitHalf(b);
    String range = "bytes=" + (size - 100_000) + "-" + (size - 1);
    byte[] end = Arrays.copyOfRange(bytes, size - 100_000, size);

    assertThat(b.get(path("team/app", blob), "Range", range).body()).isEqualTo(end);
    assertThat(a.get(path("team/app", blob), "Range", range).body()).isEqualTo(end);

    assertThat(upstream.blobGets(blob)).hasSize(2);
    assertThat(upstream.blobGets(blob).get(1).header("Range")).isEqualTo(range);
    gate.release();
    assertRight(first, blob);
    assertRight(second, blob);
  }

  @Test
  void anotherRepositoryIsConfirmedByTheUpstreamFirst() throws Exception {
    byte[] bytes = BlobBench.random(SIZE);
    Digest blob = upstream.putBlob("team/app", bytes);
    upstream.putBlob("team/other", bytes);
    Gate gate = upstream.hold(blob, HALF);
    var first = pull(a, path("team/app", blob));
    gate.awaitReached();
    var second = pull(b, path("team/other", blob));
    awaitHalf(b);
    gate.release();

    assertRight(first, blob);
    assertRight(second, blob);
    assertThat(upstream.blobGets(blob)).hasSize(1);
    assertThat(upstream.requests(request -> request.method().equals("HEAD"))).hasSize(1);
  }

  @Test
  void repositoryWithoutTheBlobDoesNotGetItFromTheOtherNode() throws Exception {
    Digest blob = upstream.putBlob("team/app", BlobBench.random(SIZE));
    assertRight(pull(a, path("team/app", blob)), blob);

    assertThat(pull(b, path("team/other", blob)).get(60, TimeUnit.SECONDS).statusCode())
        .isEqualTo(404);
  }

  @Test
  void requestThatNoNodeHasSignedIsRefused() {
    Digest blob = upstream.putBlob("team/app", BlobBench.random(SIZE));

    HttpResponse<byte[]> answer = a.get("/internal/fills/docker.io/" + blob, "Range", "bytes=0-");

    assertThat(answer.statusCode()).isEqualTo(401);
    assertThat(upstream.requests(request -> request.path().contains("/blobs/"))).isEmpty();
  }
}
