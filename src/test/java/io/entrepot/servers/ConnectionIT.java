package io.entrepot.servers;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks of things that differ between servers: threads, timeouts, and the end of a connection. */
class ConnectionIT extends ServerIT {
  /** More requests than any of the servers has threads. */
  private static final int MANY = 250;

  @Test
  void wrongBytesCloseTheConnectionShort() throws Exception {
    var digest = wrongBlob(1_000_000);

    var answer = RawClient.of(server).getKeptAlive(blobs.path(digest));

    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.contentLength()).isEqualTo(1_000_000);
    assertThat(answer.bodyLength()).isLessThan(1_000_000);
  }

  /** Only the stream ends. The connection stays open. */
  @Test
  @Tag("http2")
  void wrongBytesResetTheStreamInHttp2() throws Exception {
    var http2 = new Http2(server);
    var digest = wrongBlob(1_000_000);

    var before = http2.get("/v2/", BodyHandlers.ofByteArray());
    var answer = http2.get(blobs.path(digest), BodyHandlers.ofInputStream());

    assertThat(before.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(answer.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.headers().firstValueAsLong("Content-Length")).hasValue(1_000_000);
    try (var body = answer.body()) {
      assertThatThrownBy(body::readAllBytes)
          .isInstanceOf(IOException.class)
          .hasStackTraceContaining("Received RST_STREAM");
    }
    var after = http2.get("/v2/", BodyHandlers.ofByteArray());
    assertThat(after.version()).isEqualTo(HttpClient.Version.HTTP_2);
    assertThat(after.statusCode()).isEqualTo(200);
  }

  @Test
  void clientThatLeavesDisturbsNobody() throws Exception {
    var bytes = Blobs.bytes(5_000_000);
    var digest = blobs.put(bytes);
    var gate = UPSTREAM.hold(digest, 1_000_000);

    try {
      var first = SlowClient.ask(server, blobs.path(digest));
      assertThat(first.statusLine()).startsWith("HTTP/1.1 200");
      var second =
          client
              .http()
              .sendAsync(client.request(blobs.path(digest)).build(), BodyHandlers.ofByteArray());
      gate.awaitReached();
      first.close();
      gate.release();

      assertThat(second.get(60, TimeUnit.SECONDS).body()).isEqualTo(bytes);
    } finally {
      gate.release();
    }
    assertThat(UPSTREAM.blobGets(digest)).hasSize(1);
  }

  @Test
  void fillGoesOnWhenItsOnlyClientLeaves() throws Exception {
    var bytes = Blobs.bytes(5_000_000);
    var digest = blobs.put(bytes);
    var gate = UPSTREAM.hold(digest, 1_000_000);

    try (var only = SlowClient.ask(server, blobs.path(digest))) {
      assertThat(only.statusLine()).startsWith("HTTP/1.1 200");
    } finally {
      gate.release();
    }

    await().untilAsserted(() -> assertThat(fillsInFlight()).isZero());
    assertThat(client.get(blobs.path(digest)).body()).isEqualTo(bytes);
    assertThat(UPSTREAM.blobGets(digest)).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  @Tag("nonblocking")
  void slowClientsHoldNoThread(boolean stored) throws Exception {
    var bytes = Blobs.bytes(8_000_000);
    var digest = blobs.put(bytes);
    if (stored) {
      client.get(blobs.path(digest));
    }
    var slow = new ArrayList<SlowClient>();

    try {
      for (int i = 0; i < MANY; i++) {
        slow.add(SlowClient.ask(server, blobs.path(digest)));
      }
      for (var each : slow) {
        assertThat(each.statusLine()).startsWith("HTTP/1.1 200");
      }

      assertThat(client.get("/v2/").statusCode()).isEqualTo(200);
      assertThat(client.get("/api/health").statusCode()).isEqualTo(200);
      assertThat(client.get(blobs.path(digest)).body()).isEqualTo(bytes);
    } finally {
      for (var each : slow) {
        each.close();
      }
    }
    assertThat(UPSTREAM.blobGets(digest)).hasSize(1);
  }

  /** S25: not only blobs leave without a thread that waits. */
  @Test
  @Tag("nonblocking")
  void clientsThatDoNotReadLargeManifestsHoldNoThread() throws Exception {
    var type = "application/vnd.oci.image.manifest.v1+json";
    var notes =
        IntStream.range(0, 3000)
            .mapToObj(i -> "\"n%d\":\"%s\"".formatted(i, "x".repeat(1000)))
            .collect(Collectors.joining(","));
    var bytes =
        "{\"schemaVersion\":2,\"mediaType\":\"%s\",\"layers\":[],\"annotations\":{%s}}"
            .formatted(type, notes)
            .getBytes(UTF_8);
    UPSTREAM.putManifest(blobs.repository(), "large", type, bytes);
    var path = "/v2/" + blobs.repository() + "/manifests/large";
    assertThat(client.get(path).body()).isEqualTo(bytes);
    var slow = new ArrayList<SlowClient>();

    try {
      for (int i = 0; i < MANY; i++) {
        slow.add(SlowClient.ask(server, path));
      }
      for (var each : slow) {
        assertThat(each.statusLine()).startsWith("HTTP/1.1 200");
      }

      assertThat(client.get("/v2/").statusCode()).isEqualTo(200);
      assertThat(client.get("/api/health").statusCode()).isEqualTo(200);
      assertThat(client.get(path).body()).isEqualTo(bytes);
    } finally {
      for (var each : slow) {
        each.close();
      }
    }
  }

  /**
   * Longer than the timeout of the servers for asynchronous requests. Beside the slow pull another
   * one waits for an upstream that is silent.
   */
  @Test
  @Tag("timeouts")
  void slowPullAndSilenceOfTheUpstreamOutlastTheServersTimeouts() throws Exception {
    var seconds = Integer.parseInt(Site.property("it.pull.seconds"));
    var rate = 100_000;
    var bytes = Blobs.bytes(seconds * rate);
    var digest = blobs.put(bytes);
    UPSTREAM.inject(Recorded.blobGet(digest), Fault.throttle(rate));
    var half = Blobs.bytes(1_000_000);
    var silent = blobs.put(half);
    var gate = UPSTREAM.hold(silent, 500_000);

    try {
      var begun = System.nanoTime();
      var slow = pull(digest);
      var ended = slow.thenApply(answer -> System.nanoTime());
      var waiting = pull(silent);
      gate.awaitReached();
      await().during(Duration.ofSeconds(6)).until(() -> !waiting.isDone());
      gate.release();
      assertThat(waiting.get(60, TimeUnit.SECONDS).body()).isEqualTo(half);

      assertThat(slow.get(90, TimeUnit.SECONDS).body()).isEqualTo(bytes);
      assertThat(Duration.ofNanos(ended.get(1, TimeUnit.SECONDS) - begun))
          .isGreaterThan(Duration.ofSeconds(seconds - 1));
      assertThat(UPSTREAM.blobGets(digest)).hasSize(1);
    } finally {
      gate.release();
    }
  }

  private CompletableFuture<HttpResponse<byte[]>> pull(Digest digest) {
    return client
        .http()
        .sendAsync(client.request(blobs.path(digest)).build(), BodyHandlers.ofByteArray());
  }

  /** A blob whose last byte is wrong, so slow that the answer begins before that is known. */
  private Digest wrongBlob(int length) {
    var digest = blobs.put(Blobs.bytes(length));
    UPSTREAM.inject(Recorded.blobGet(digest), Fault.corrupt(-1));
    UPSTREAM.inject(Recorded.blobGet(digest), Fault.throttle(length));
    return digest;
  }

  private int fillsInFlight() throws Exception {
    return new ObjectMapper()
        .readTree(client.get("/api/stats").body())
        .get("fillsInFlight")
        .asInt();
  }
}
