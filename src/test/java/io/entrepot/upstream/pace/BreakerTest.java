package io.entrepot.upstream.pace;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.registry.Bench;
import io.entrepot.upstream.registry.HttpRegistry;
import io.entrepot.upstream.wire.Timeouts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** When a failing upstream is asked, and when it is let alone (F12, F14). */
@Timeout(60)
class BreakerTest {
  private static final byte[] BYTES = "0123456789".repeat(20_000).getBytes(UTF_8);
  private static final Duration REST = Restraint.DEFAULT.firstRest();

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.connected();
  private final Digest digest = bench.registry.putBlob(BYTES);
  private int resources;

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void breakerOpensAfterFiveFailuresAndAsksNothing() {
    fail(Fault.status(503), 5);

    for (int i = 0; i < 20; i++) {
      assertFails(Failure.UNREACHABLE, this::head)
          .hasMessageStartingWith(
              bench.registry.uri() + " is not asked since 2026-01-01T00:00:00Z: it failed 5 times")
          .hasMessageContaining("failed: 503")
          .satisfies(e -> assertThat(e.retryAfter()).contains(REST));
    }
    assertThat(bench.registry.requests()).hasSize(5);
    assertThat(upstream.breaker().state()).isEqualTo(BreakerStatus.State.OPEN);
    assertThat(upstream.breaker().left()).isEqualTo(REST);
    assertThat(gauge("entrepot.upstream.breaker")).isEqualTo(2);
    assertThat(bench.probes()).isZero();
  }

  /** Nothing can be had there, so it does not matter what is asked. */
  @Test
  void connectionThatCannotBeMadeCountsEachTime() throws Exception {
    try (Socket deaf = new Socket()) {
      // Bound, so that no other program takes the port, and not listening.
      deaf.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      URI uri = URI.create("http://127.0.0.1:" + deaf.getLocalPort());
      HttpRegistry gone = bench.upstream(o -> o.wire(w -> w.at(uri)));
      ThrowingCallable ask = () -> gone.headBlob(REPOSITORY, digest, bench.cost);
      for (int i = 0; i < 5; i++) {
        assertFails(Failure.UNREACHABLE, ask).hasMessageNotContaining("is not asked");
      }

      assertFails(Failure.UNREACHABLE, ask).hasMessageContaining("is not asked");
    }
  }

  @Test
  void everyKindOfCallIsRefusedByAnOpenBreaker() {
    fail(Fault.status(503), 5);

    assertFails(Failure.UNREACHABLE, () -> upstream.connect(bench.cost));
    assertFails(Failure.UNREACHABLE, () -> bench.fetch(upstream, digest));
    assertFails(Failure.UNREACHABLE, () -> upstream.fetchManifest(REPOSITORY, digest, bench.cost));
    assertThat(bench.registry.requests()).hasSize(5);
  }

  @ParameterizedTest
  @CsvSource({"404, NOT_FOUND", "403, DENIED", "400, REFUSED"})
  void answerOfAnyKindIsNoSilence(int status, Failure failure) throws Exception {
    fail(Fault.status(503), 4);
    bench.registry.inject(Recorded.blob(digest), Fault.status(status), 2);
    assertFails(failure, this::head);
    fail(Fault.status(503), 4);

    head();
    assertThat(bench.registry.requests()).hasSize(11);
  }

  @Test
  void afterA429HalfOpenLetsOneCallThrough() throws Exception {
    fail(Fault.throttled("2"), 1);
    bench.pass(Duration.ofSeconds(2));
    assertThat(upstream.breaker().state()).isEqualTo(BreakerStatus.State.HALF_OPEN);
    assertThat(gauge("entrepot.upstream.breaker")).isEqualTo(1);
    Digest slow = bench.registry.putManifest(Bench.NAME, null, "application/json", BYTES);
    Gate gate = new Gate();
    bench.registry.inject(Recorded.manifest(slow), Fault.gate(gate, 10), 1);
    CompletableFuture<Void> probe = Background.run(() -> fetchManifest(slow));
    gate.awaitReached();

    for (int i = 0; i < 20; i++) {
      assertFails(Failure.THROTTLED, this::head);
    }
    assertThat(bench.registry.requests()).hasSize(2);
    gate.release();
    probe.get(60, TimeUnit.SECONDS);
    head();
    assertThat(bench.registry.requests()).hasSize(3);
    assertThat(gauge("entrepot.upstream.breaker")).isZero();
  }

  @Test
  void restThatTheUpstreamAsksForIsToldOnceAndOneThatAnotherNodeTellsIsKept() throws Exception {
    List<Duration> told = new ArrayList<>();
    upstream.guard().onThrottle((rest, why) -> told.add(rest));
    fail(Fault.throttled("2"), 1);
    assertThat(told).containsExactly(Duration.ofSeconds(2));
    upstream.guard().restToo(Duration.ofSeconds(1), "b has seen: less than that");
    bench.pass(Duration.ofSeconds(2));
    head();

    upstream.guard().restToo(Duration.ofSeconds(3), "b has seen: a 429");

    int before = bench.registry.requests().size();
    bench.pass(Duration.ofMillis(2_900));
    assertFails(Failure.THROTTLED, this::head);
    assertThat(bench.registry.requests()).hasSize(before);
    assertThat(upstream.breaker().why()).contains("b has seen: a 429");
    bench.pass(Duration.ofMillis(100));
    head();
    assertThat(told).hasSize(1); // only what it has seen itself
  }

  private void fetchManifest(Digest manifest) {
    try {
      upstream.fetchManifest(REPOSITORY, manifest, new Cost());
    } catch (UpstreamException e) {
      // JSON that is no manifest: an answer all the same.
      assertThat(e.failure()).isEqualTo(Failure.INVALID);
    }
  }

  @Test
  void bodiesThatBreakOpenTheBreakerThoughHeadsAreFine() throws Exception {
    for (int i = 0; i < 5; i++) {
      assertThat(catchBreak(upstream, Fault.resetAfter(1_000))).isInstanceOf(IOException.class);
    }
    assertFails(Failure.UNREACHABLE, this::head).hasMessageContaining("broke off a blob");
    bench.pass(REST);
    assertFails(Failure.UNREACHABLE, this::head);
    bench.probe();
    assertThat(catchBreak(upstream, Fault.resetAfter(1_000))).isInstanceOf(IOException.class);
    assertThat(upstream.breaker().state())
        .as("after one more break")
        .isEqualTo(BreakerStatus.State.OPEN);
    assertThat(bench.registry.requests()).hasSize(7);
  }

  /** Fetches a new blob, at which the upstream fails. */
  private Throwable catchBreak(HttpRegistry from, Fault fault) {
    byte[] bytes = BYTES.clone();
    bytes[0] = (byte) ++resources;
    Digest each = bench.registry.putBlob(bytes);
    bench.registry.inject(Recorded.blob(each), fault, 1);
    return catchThrowable(() -> bench.fetch(from, each));
  }

  @Test
  void cutsOfABlobThatGrowsOpenNothingButStallsDo() {
    for (int i = 0; i < 10; i++) {
      assertThat(catchBreak(upstream, Fault.resetAfter(100_000))).isInstanceOf(IOException.class);
    }
    assertThat(upstream.breaker().state()).isEqualTo(BreakerStatus.State.CLOSED);

    Timeouts t = Bench.TIMEOUTS;
    Timeouts hasty =
        new Timeouts(t.connect(), t.response(), Duration.ofMillis(50), t.lease(), t.total());
    HttpRegistry impatient = bench.upstream(o -> o.wire(w -> w.withTimeouts(hasty)));
    for (int i = 0; i < 5; i++) {
      assertThat(catchBreak(impatient, Fault.stallAfter(100_000)))
          .isInstanceOf(SocketTimeoutException.class);
    }
    assertThat(impatient.breaker().state()).isEqualTo(BreakerStatus.State.OPEN);
  }

  @Test
  void bodyThatItsReaderClosesIsNoBreak() throws Exception {
    for (int i = 0; i < 10; i++) {
      try (UpstreamBody body =
          upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost)) {
        assertThat(body.stream().read()).isEqualTo('0');
      }
    }
    assertThat(upstream.breaker().state()).isEqualTo(BreakerStatus.State.CLOSED);
  }

  @Test
  void fullPoolSaysNothingOfTheUpstream() throws Exception {
    Timeouts t = Bench.TIMEOUTS;
    Timeouts hasty =
        new Timeouts(t.connect(), t.response(), t.idle(), Duration.ofMillis(10), t.total());
    HttpRegistry narrow =
        bench.upstream(o -> o.wire(w -> w.withMaxConnections(1).withTimeouts(hasty)));
    try (UpstreamBody body = narrow.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost)) {
      for (int i = 0; i < 10; i++) {
        assertFails(Failure.BUSY, () -> narrow.headBlob(REPOSITORY, digest, bench.cost))
            .hasMessageContaining("all connections are in use");
      }
      assertThat(body.stream().readAllBytes()).isEqualTo(BYTES);
    }
    narrow.headBlob(REPOSITORY, digest, bench.cost);
  }

  @Test
  void thousandClientsAfterA429CostOneProbe() throws Exception {
    fail(Fault.throttled("17"), 1);
    assertThat(upstream.breaker().left()).isEqualTo(Duration.ofSeconds(17));
    assertThat(failuresOf(1_000)).containsOnly(Failure.THROTTLED);
    assertThat(bench.registry.requests()).hasSize(1);

    bench.pass(Duration.ofSeconds(17));
    bench.registry.inject(Recorded.blob(digest), Fault.throttled("23"));
    assertThat(failuresOf(1_000)).containsOnly(Failure.THROTTLED);
    assertThat(bench.registry.requests()).hasSize(2);
    assertThat(bench.meters.get("entrepot.upstream.throttled").counter().count()).isEqualTo(2);

    bench.pass(Duration.ofSeconds(23));
    bench.registry.clearFaults();
    head();
    assertThat(failuresOf(100)).isEmpty();
  }

  private List<Failure> failuresOf(int clients) throws InterruptedException {
    ExecutorService threads = Executors.newFixedThreadPool(20);
    try {
      List<CompletableFuture<List<Failure>>> all =
          IntStream.range(0, clients)
              .mapToObj(i -> CompletableFuture.supplyAsync(this::failure, threads))
              .toList();
      return all.stream().flatMap(one -> one.join().stream()).toList();
    } finally {
      threads.shutdownNow();
    }
  }

  private List<Failure> failure() {
    try {
      upstream.headBlob(REPOSITORY, digest, new Cost());
      return List.of();
    } catch (UpstreamException e) {
      return List.of(e.failure());
    }
  }

  @ParameterizedTest
  @CsvSource({"0, PT1S", "599, PT9M59S", "86400, PT10M", "soon, PT30S"})
  void gateOfA429ClosesForAsLongAsIsReasonable(String retryAfter, Duration rest) {
    fail(Fault.throttled(retryAfter), 1);

    assertFails(Failure.THROTTLED, this::head)
        .hasMessageContaining("it asked us to slow down")
        .satisfies(e -> assertThat(e.retryAfter()).contains(rest));
  }

  @ParameterizedTest
  @ValueSource(longs = {-86_400, 86_400})
  void wallClockThatJumpsMovesNoRest(long seconds) {
    fail(Fault.status(503), 5);
    bench.clock.advance(Duration.ofSeconds(seconds));

    assertThat(upstream.breaker().left()).isEqualTo(REST);
  }

  private void head() throws UpstreamException {
    upstream.headBlob(REPOSITORY, digest, bench.cost);
  }

  private void fail(Fault fault, int times) {
    bench.failAt(upstream, fault, times);
  }

  private double gauge(String name) {
    return bench
        .meters
        .get(name)
        .tag("upstream", bench.registry.uri().getAuthority())
        .gauge()
        .value();
  }
}
