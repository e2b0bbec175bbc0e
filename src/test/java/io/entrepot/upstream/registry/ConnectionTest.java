package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.TIMEOUTS;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.wire.Timeouts;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What happens to connections, and how long anything can take (F8, F11, F14, S12, S13). */
@Timeout(60)
class ConnectionTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  /** For what has to come in time; a loaded machine takes its own. */
  private static final Duration SECOND = Duration.ofSeconds(1);

  private static final byte[] BYTES = new byte[200_000];

  private final Bench bench = new Bench();
  private Digest digest;

  ConnectionTest() {
    new Random(1).nextBytes(BYTES);
    digest = bench.registry.putBlob(BYTES);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void abandonedBodyEndsItsConnectionAndFreesItsPlace() throws Exception {
    Digest huge = bench.registry.putGeneratedBlob(64L << 20, 1);
    HttpRegistry upstream = bench.upstream(o -> o.wire(w -> w.withMaxConnections(1)));
    for (int i = 0; i < 5; i++) {
      try (UpstreamBody body = upstream.fetchBlob(REPOSITORY, huge, FetchRange.WHOLE, bench.cost)) {
        assertThat(body.stream().read()).isGreaterThanOrEqualTo(0);
      }
    }
    await().until(() -> bench.registry.openConnections() == 0);
  }

  @Test
  void unusableAnswerFreesItsPlace() throws Exception {
    HttpRegistry upstream = bench.upstream(o -> o.wire(w -> w.withMaxConnections(1)));
    bench.registry.inject(
        Recorded.blob(digest),
        Fault.header("Docker-Content-Digest", "sha256:" + "0".repeat(64)),
        3);
    for (int i = 0; i < 3; i++) {
      assertFails(Failure.INVALID, () -> bench.fetch(upstream, digest));
    }
    bench.registry.inject(Recorded.blob(digest), Fault.stallAfter(0), 1);
    upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost).close();

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
  }

  @Test
  void fullPoolIsWaitedForNoLongerThanTold() throws Exception {
    HttpRegistry upstream =
        bench.upstream(
            o ->
                o.wire(
                    w ->
                        w.withMaxConnections(1)
                            .withTimeouts(timeouts(TIMEOUTS.response(), TIMEOUTS.idle(), SHORT))));
    Gate gate = bench.registry.hold(digest, 10);
    try (UpstreamBody body = upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost)) {
      assertFails(Failure.BUSY, () -> bench.fetch(upstream, digest));
      gate.release();
      assertThat(body.stream().readAllBytes()).isEqualTo(BYTES);
    }
    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
  }

  @ParameterizedTest
  @ValueSource(longs = {0, 1, 70_000, 199_999})
  void bodyThatEndsShortIsNoEnd(long sent) throws Exception {
    bench.registry.inject(Recorded.blob(digest), Fault.closeAfter(sent), 1);
    assertBreaks(sent);
    bench.registry.inject(Recorded.blob(digest), Fault.chunked(), 1);
    bench.registry.inject(Recorded.blob(digest), Fault.closeAfter(sent), 1);
    assertBreaks(sent);
  }

  private void assertBreaks(long sent) throws Exception {
    try (UpstreamBody body =
        bench.upstream().fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost)) {
      InputStream stream = body.stream();
      assertThat(stream.readNBytes((int) sent)).hasSize((int) sent);
      assertThatThrownBy(stream::read).isInstanceOf(IOException.class);
    }
  }

  @Test
  void resetBodyIsNoEnd() throws Exception {
    bench.registry.inject(Recorded.blob(digest), Fault.resetAfter(1000), 1);

    assertThatThrownBy(() -> bench.fetch(bench.upstream(), digest)).isInstanceOf(IOException.class);
  }

  @Test
  void answerThatIsNoHttpIsInvalidAndNotRetried() {
    bench.registry.inject(Recorded.blob(digest), Fault.preamble("nonsense\r\n\r\n"), 1);

    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest));
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @Test
  void stalledBodyFailsAfterTheIdleTimeout() throws Exception {
    HttpRegistry upstream =
        bench.upstream(
            o -> o.wire(w -> w.withTimeouts(timeouts(Duration.ofHours(1), SHORT, SHORT))));
    bench.registry.inject(Recorded.blob(digest), Fault.stallAfter(70_000), 1);

    try (UpstreamBody body = upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost)) {
      assertThat(body.stream().readNBytes(70_000)).hasSize(70_000);
      assertThatThrownBy(() -> body.stream().read()).isInstanceOf(SocketTimeoutException.class);
    }
  }

  @Test
  void silentUpstreamIsATimeout() {
    HttpRegistry upstream =
        bench.upstream(o -> o.wire(w -> w.withTimeouts(timeouts(SHORT, TIMEOUTS.idle(), SHORT))));
    bench.registry.inject(Recorded.blob(digest), Fault.slowHead(Duration.ofSeconds(20)), 1);

    assertFails(Failure.TIMEOUT, () -> bench.fetch(upstream, digest));
  }

  @Test
  void headTakesLongerThanABodyMayStall() throws Exception {
    HttpRegistry upstream =
        bench.upstream(
            o ->
                o.wire(
                    w -> w.withTimeouts(timeouts(TIMEOUTS.response(), SECOND, TIMEOUTS.lease()))));
    bench.registry.inject(Recorded.blob(digest), Fault.slowHead(SECOND.plus(SHORT)), 2);

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
  }

  @Test
  void drippingBodyOfAManifestEndsAtTheDeadline() {
    HttpRegistry upstream = bench.upstream(o -> o.wire(w -> w.withTimeouts(total(SHORT))));
    Digest manifest = bench.registry.putManifest(Bench.NAME, null, "application/json", BYTES);
    bench.registry.inject(Recorded.manifest(manifest), Fault.throttle(1000), 1);

    assertFails(Failure.TIMEOUT, () -> upstream.fetchManifest(REPOSITORY, manifest, bench.cost))
        .hasMessageContaining("was not answered within 300 ms");
  }

  @Test
  void bodyOfABlobMayTakeLongerThanTheDeadline() throws Exception {
    HttpRegistry upstream = bench.upstream(o -> o.wire(w -> w.withTimeouts(total(SECOND))));
    bench.registry.inject(Recorded.blob(digest), Fault.throttle(150_000), 1);

    long start = System.nanoTime();
    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isGreaterThan(SECOND);
  }

  @Test
  void floodOfInterimResponsesIsInvalid() throws Exception {
    String hint = "HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n";
    bench.registry.inject(Recorded.blob(digest), Fault.preamble(hint.repeat(3)), 1);
    assertThat(bench.fetch(bench.upstream(), digest)).isEqualTo(BYTES);

    bench.registry.inject(Recorded.blob(digest), Fault.preamble(hint.repeat(500)), 1);
    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("interim responses");
  }

  @Test
  void endlessHeadIsInvalid() {
    String many = "HTTP/1.1 200 OK\r\n" + "X: y\r\n".repeat(2000);
    bench.registry.inject(Recorded.blob(digest), Fault.preamble(many), 1);
    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("head that is too large");

    String wide = "HTTP/1.1 200 OK\r\nX: " + "y".repeat(100_000) + "\r\n";
    bench.registry.inject(Recorded.blob(digest), Fault.preamble(wide), 1);
    assertFails(Failure.INVALID, () -> bench.fetch(bench.upstream(), digest))
        .hasMessageContaining("head that is too large");
  }

  @Test
  void closedPortAndUnknownHostAreUnreachable() throws IOException {
    // Bound, so that no other test can take the port, but not listened on.
    try (Socket silent = new Socket()) {
      silent.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      String closed = "http://127.0.0.1:" + silent.getLocalPort();
      assertFails(
              Failure.UNREACHABLE, () -> bench.fetch(bench.upstream(o -> at(o, closed)), digest))
          .hasMessageContaining(closed + "/v2/library/alpine/blobs/");
    }

    assertFails(
            Failure.UNREACHABLE,
            () -> bench.fetch(bench.upstream(o -> at(o, "http://nowhere.invalid")), digest))
        .hasMessageContaining("no such host");
  }

  @Test
  void anyThreadMayEndABody() throws Exception {
    HttpRegistry upstream = bench.upstream();
    Gate gate = bench.registry.hold(digest, 1000);
    UpstreamBody body = upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost);
    CompletableFuture<byte[]> reader = reading(body);
    gate.awaitReached();

    body.close();

    assertThatThrownBy(reader::get)
        .isInstanceOf(ExecutionException.class)
        .hasRootCauseInstanceOf(IOException.class);
  }

  @Test
  void closingTheUpstreamEndsWhatIsInUse() throws Exception {
    HttpRegistry upstream = bench.upstream();
    Gate gate = bench.registry.hold(digest, 1000);
    CompletableFuture<byte[]> reader =
        reading(upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost));
    gate.awaitReached();

    upstream.close();

    assertThatThrownBy(reader::get).hasRootCauseInstanceOf(IOException.class);
    assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest))
        .hasMessageContaining("closed");
    upstream.close();
  }

  private static CompletableFuture<byte[]> reading(UpstreamBody body) {
    return Background.supply(
        () -> {
          try {
            return body.stream().readAllBytes();
          } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
          }
        });
  }

  private static RegistryOptions at(RegistryOptions options, String uri) {
    return RegistryOptions.of(URI.create(uri)).wire(w -> w.withTimeouts(options.wire().timeouts()));
  }

  private static Timeouts timeouts(Duration response, Duration idle, Duration lease) {
    return new Timeouts(TIMEOUTS.connect(), response, idle, lease, TIMEOUTS.total());
  }

  private static Timeouts total(Duration total) {
    return new Timeouts(
        TIMEOUTS.connect(), TIMEOUTS.response(), TIMEOUTS.idle(), TIMEOUTS.lease(), total);
  }
}
