package io.entrepot.upstream.registry;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.TIMEOUTS;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.Timeouts;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Which connections are kept for the next request, and when a kept one that was closed is noticed
 * (F8).
 */
@Timeout(60)
class KeptConnectionTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  private static final byte[] BYTES = new byte[200_000];

  private final Bench bench = new Bench();
  private Digest digest;

  KeptConnectionTest() {
    new Random(1).nextBytes(BYTES);
    digest = bench.registry.putBlob(BYTES);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void connectionIsUsedAgainAfterBodiesErrorsAndHeads() throws Exception {
    HttpRegistry upstream = bench.connected();
    for (int i = 0; i < 3; i++) {
      assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
      upstream.headBlob(REPOSITORY, digest, bench.cost);
      Digest unknown = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[] {(byte) i});
      assertFails(Failure.NOT_FOUND, () -> bench.fetch(upstream, unknown));
    }
    assertThat(bench.registry.requests()).hasSize(9);
    assertThat(bench.registry.acceptedConnections()).isEqualTo(1);
  }

  /** A fill stops at the length of the blob and does not look for the end. */
  @ParameterizedTest
  @ValueSource(strings = {"length", "chunks of a known size", "a range"})
  void tenBlobsThatAreReadToTheirLengthTakeOneConnection(String how) throws Exception {
    boolean ranged = !how.equals("length");
    if (how.startsWith("chunks")) {
      bench.registry.inject(Recorded.method("GET"), Fault.chunked());
    }
    HttpRegistry upstream = bench.connected();
    FetchRange range = ranged ? new FetchRange(1, 50_000, null) : FetchRange.WHOLE;
    int length = ranged ? 50_000 : BYTES.length;
    for (int i = 0; i < 10; i++) {
      try (UpstreamBody body = upstream.fetchBlob(REPOSITORY, digest, range, bench.cost)) {
        assertThat(body.stream().readNBytes(length)).hasSize(length);
      }
    }
    assertThat(bench.registry.acceptedConnections()).isEqualTo(1);
  }

  @Test
  void everyOtherAnswerLeavesItsConnectionToo() throws Exception {
    bench.registry.requireTokens().clock(bench.clock);
    HttpRegistry upstream = bench.upstream();
    Digest empty = bench.registry.putBlob(new byte[0]);
    bench.registry.inject(Recorded.blob(digest).and(Recorded.method("HEAD")), Fault.status(404));
    for (int i = 0; i < 3; i++) {
      RepositoryName repository = RepositoryName.of("team/app" + i);
      upstream.headBlob(repository, digest, bench.cost);
      assertThat(Bench.fetch(upstream, repository, empty, bench.cost)).isEmpty();
      assertFails(
          Failure.NOT_FOUND, () -> upstream.resolve(repository, new Tag("none"), bench.cost));
    }
    assertThat(bench.registry.tokenRequests()).hasSize(3);
    assertThat(bench.registry.acceptedConnections()).isEqualTo(1);
  }

  @Test
  void redirectAndItsTargetLeaveTheirConnectionsToo() throws Exception {
    bench.registry.redirectBlobs();
    HttpRegistry upstream = bench.connected();
    for (int i = 0; i < 3; i++) {
      bench.fetch(upstream, digest);
    }
    assertThat(bench.registry.acceptedConnections()).isEqualTo(1);
  }

  /** A server or firewall closes what is idle, just when the next request is on its way. */
  @ParameterizedTest
  @ValueSource(strings = {"closed", "reset"})
  void keptConnectionThatTheOtherSideHasClosedCostsNothing(String how) throws Exception {
    Fault fault = how.equals("closed") ? Fault.closeBeforeHead() : Fault.resetBeforeHead();
    HttpRegistry upstream = bench.connected();
    bench.registry.inject(Recorded.blob(digest), fault, 1);

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(bench.registry.blobGets(digest)).hasSize(2);
    assertThat(bench.cost.requests()).isEqualTo(2);
    assertThat(bench.registry.acceptedConnections()).isEqualTo(2);

    bench.registry.inject(Recorded.blob(digest).and(Recorded.method("HEAD")), fault, 1);
    upstream.headBlob(REPOSITORY, digest, bench.cost);
    assertThat(bench.registry.requests()).hasSize(4);
    assertThat(bench.registry.acceptedConnections()).isEqualTo(3);
  }

  @Test
  void otherKeptConnectionsAreNotTriedBeforeTheNewOne() throws Exception {
    HttpRegistry upstream = bench.connected();
    UpstreamBody held = upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost);
    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    held.stream().readAllBytes();
    held.close();
    bench.registry.clearRequests();
    int kept = bench.registry.acceptedConnections();
    assertThat(kept).isEqualTo(2);
    bench.registry.inject(Recorded.blob(digest), Fault.closeBeforeHead(), 1);

    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(bench.registry.requests()).hasSize(2);
    assertThat(bench.registry.acceptedConnections()).isEqualTo(3);
    await().until(() -> bench.registry.openConnections() == 1);
  }

  @Test
  void newConnectionThatIsClosedWithoutAnAnswerIsNotTriedAgain() {
    HttpRegistry upstream = bench.upstream();
    bench.registry.inject(Recorded.blob(digest), Fault.closeBeforeHead(), 1);

    assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @Test
  void nothingIsSentAThirdTime() {
    HttpRegistry upstream = bench.connected();
    bench.registry.inject(Recorded.blob(digest), Fault.closeBeforeHead());

    assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
    assertThat(bench.registry.requests()).hasSize(2);
    assertThat(bench.registry.acceptedConnections()).isEqualTo(2);
  }

  /** The other side has answered something, so it was there. */
  @Test
  void answerThatBreaksOffInItsHeadIsNotAskedForAgain() {
    HttpRegistry upstream = bench.connected();
    bench.registry.inject(Recorded.blob(digest), Fault.closeAfterInterim(), 1);

    assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
    assertThat(bench.registry.requests()).hasSize(1);
  }

  @Test
  void silenceOnAKeptConnectionIsNotAskedAgain() throws Exception {
    Timeouts t = TIMEOUTS;
    Timeouts hasty = new Timeouts(t.connect(), SHORT, t.idle(), t.lease(), t.total());
    HttpRegistry upstream = bench.upstream(o -> o.wire(w -> w.withTimeouts(hasty)));
    upstream.connect(bench.cost);
    bench.registry.clearRequests();
    Gate gate = new Gate();
    bench.registry.inject(Recorded.blob(digest), Fault.gateBeforeHead(gate), 1);

    assertFails(Failure.TIMEOUT, () -> bench.fetch(upstream, digest));
    gate.release();
    assertThat(bench.registry.requests()).hasSize(1);
  }

  /** It may have done its work, such as to use up a token. */
  @Test
  void postIsNotSentAgain() {
    bench.registry.requireTokens().clock(bench.clock);
    HttpRegistry upstream = bench.upstream(new Credentials.IdentityToken("x"));
    bench.registry.inject(Recorded.method("POST"), Fault.closeBeforeHead(), 1);

    assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
    assertThat(bench.registry.requests()).filteredOn(r -> r.method().equals("POST")).hasSize(1);
    assertThat(bench.registry.acceptedConnections()).isEqualTo(1);
  }

  /** What follows would be read as the next answer. */
  @Test
  void connectionWithBytesAfterTheEndIsNotUsedAgain() throws Exception {
    bench.registry.inject(Recorded.blob(digest), Fault.declareLength(1000), 1);
    HttpRegistry upstream = bench.connected();
    assertThat(bench.fetch(upstream, digest)).hasSize(1000);
    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(bench.registry.acceptedConnections()).isEqualTo(2);
  }
}
