package io.entrepot.upstream.pace;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.registry.Bench;
import io.entrepot.upstream.registry.HttpRegistry;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How the end of an outage is found (F32). */
@Timeout(60)
class BreakerProbeTest {
  private static final byte[] BYTES = "0123456789".getBytes(UTF_8);
  private static final Duration REST = Restraint.DEFAULT.firstRest();

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.connected();
  private final Digest digest = bench.registry.putBlob(BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void probeOfOurOwnFindsThatTheUpstreamIsBackAndNoClientWaitsForIt() throws Exception {
    bench.failAt(upstream, Fault.status(503), 5);
    bench.pass(REST);
    for (int i = 0; i < 100; i++) {
      assertFails(Failure.UNREACHABLE, this::head)
          .satisfies(e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(1)));
    }
    assertThat(bench.registry.requests()).hasSize(5);
    bench.probe();

    assertThat(bench.registry.requests()).hasSize(6).last().matches(Recorded.path("/v2/"));
    assertThat(bench.probes()).isZero();
    head();
    assertThat(upstream.breaker().state()).isEqualTo(BreakerStatus.State.CLOSED);
  }

  /** However long the outage was. */
  @Test
  void whileClientsAskThereIsAProbeASecond() throws Exception {
    bench.registry.inject(Recorded.path("/v2/"), Fault.status(503), 30);
    bench.failAt(upstream, Fault.status(503), 5);
    bench.pass(REST);
    for (int i = 0; i < 30; i++) {
      assertFails(Failure.UNREACHABLE, this::head);
      bench.probe();
      assertThat(upstream.breaker().left()).isEqualTo(Duration.ofSeconds(1));
      bench.pass(Duration.ofSeconds(1));
    }
    assertThat(bench.registry.requests()).hasSize(5 + 30);
    assertFails(Failure.UNREACHABLE, this::head);
    bench.probe();

    head();
  }

  @Test
  void probeThatAnswersWithA429IsObeyed() throws Exception {
    bench.registry.inject(Recorded.path("/v2/"), Fault.throttled("17"), 1);
    bench.failAt(upstream, Fault.status(503), 5);
    bench.pass(REST);
    assertFails(Failure.UNREACHABLE, this::head);
    bench.probe();

    assertFails(Failure.THROTTLED, this::head)
        .satisfies(e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(17)));
    bench.pass(Duration.ofSeconds(17));
    head();
    assertThat(bench.probes()).isZero();
  }

  @Test
  void probeThatCannotRunIsStartedAgain() throws Exception {
    bench.refuseProbes(1);
    bench.failAt(upstream, Fault.status(503), 5);
    bench.pass(REST);
    assertFails(Failure.UNREACHABLE, this::head);
    await().until(() -> bench.refusals() == 0);

    await()
        .untilAsserted(
            () -> {
              assertFails(Failure.UNREACHABLE, this::head);
              assertThat(bench.probes()).isEqualTo(1);
            });
    bench.probe();
    head();
  }

  @Test
  void restDoublesWithEachProbeThatFailsUpToTheLongestAndStartsAnewAfterASuccess()
      throws Exception {
    bench.registry.inject(Recorded.path("/v2/"), Fault.status(503), 3);
    bench.failAt(upstream, Fault.status(503), 5);
    for (int millis : new int[] {500, 1000, 1000}) {
      assertThat(upstream.breaker().left()).isEqualTo(Duration.ofMillis(millis));
      bench.pass(Duration.ofMillis(millis));
      assertFails(Failure.UNREACHABLE, this::head).hasMessageContaining("is not asked");
      bench.probe();
    }
    bench.pass(Duration.ofSeconds(1));
    assertFails(Failure.UNREACHABLE, this::head);
    bench.probe();
    head();
    bench.failAt(upstream, Fault.status(503), 5);
    assertThat(upstream.breaker().left()).isEqualTo(REST);
  }

  private void head() throws UpstreamException {
    upstream.headBlob(REPOSITORY, digest, bench.cost);
  }
}
