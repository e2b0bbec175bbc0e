package io.entrepot.pull;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.boot.TestServer;
import io.entrepot.fixture.Background;
import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * An upstream with one blob of three million bytes, a cache in front of it, and assertions. The
 * cache starts when it is first needed.
 */
public final class BlobBench implements AutoCloseable {
  static final int SIZE = 3_000_000;

  final FakeRegistry upstream = FakeRegistry.start();
  final byte[] bytes = random(SIZE);
  final Digest blob = upstream.putBlob("team/app", bytes);
  final String path = "/v2/team/app/blobs/" + blob;
  private final Path folder;
  private @Nullable TestServer server;

  BlobBench(Path folder) {
    this.folder = folder;
  }

  /** Waits for the first request to the upstream, which does not count in any budget. */
  private TestServer start(TestServer.Builder builder) {
    int before = warmUps();
    TestServer started = builder.start();
    await().until(() -> warmUps() > before);
    return started;
  }

  private int warmUps() {
    return upstream.requests(Recorded.path("/v2/")).size();
  }

  synchronized TestServer server() {
    if (server == null) {
      server = start(builder());
    }
    return server;
  }

  private TestServer.Builder builder() {
    return new TestServer.Builder(folder, upstream.uri());
  }

  synchronized void restart(UnaryOperator<TestServer.Builder> changes) {
    stop();
    server = start(changes.apply(builder()));
  }

  private void stop() {
    if (server != null) {
      server.close();
      server = null;
    }
  }

  @Override
  public synchronized void close() {
    stop();
    upstream.close();
  }

  HttpResponse<byte[]> get(String... headers) {
    return server().get(path, headers);
  }

  CompletableFuture<HttpResponse<byte[]>> getLater() {
    return Background.supply(() -> server().get(path));
  }

  HttpRequest request() {
    return HttpRequest.newBuilder(server().uri(path)).build();
  }

  /** A fill leaves the in-flight map after its clients have their last byte. */
  void awaitIdle() {
    await().until(() -> server().stats().contains("\"fillsInFlight\":0"));
  }

  List<Path> files(String below) throws IOException {
    try (Stream<Path> all = Files.walk(folder.resolve("data").resolve(below))) {
      return all.filter(Files::isRegularFile).toList();
    }
  }

  /** Injects a fault into so many GETs of the blob. */
  void inject(Fault fault, int times) {
    upstream.inject(Recorded.blobGet(blob), fault, times);
  }

  /** Checks that the whole blob is stored, and that a pull asks the upstream nothing. */
  void assertKept() {
    awaitIdle();
    upstream.clearRequests();
    assertWhole(get());
    assertThat(upstream.requests()).isEmpty();
  }

  void assertWhole(HttpResponse<byte[]> response) {
    assertThat(response.statusCode()).isEqualTo(200);
    assertThat(response.headers().firstValueAsLong("Content-Length")).hasValue(SIZE);
    assertThat(response.headers().firstValue("Docker-Content-Digest")).hasValue(blob.toString());
    assertThat(response.body()).isEqualTo(bytes);
  }

  void assertRange(HttpResponse<byte[]> response, int first, int last) {
    assertThat(response.statusCode()).isEqualTo(206);
    assertThat(response.headers().firstValue("Content-Range"))
        .hasValue("bytes " + first + "-" + last + "/" + SIZE);
    assertThat(response.body()).isEqualTo(Arrays.copyOfRange(bytes, first, last + 1));
  }

  public static byte[] random(int size) {
    byte[] random = new byte[size];
    new Random(size).nextBytes(random);
    return random;
  }
}
