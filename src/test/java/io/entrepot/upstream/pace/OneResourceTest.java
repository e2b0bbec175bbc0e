package io.entrepot.upstream.pace;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.entrepot.fixture.FakeRegistry;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.BreakerStatus;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.registry.Bench;
import io.entrepot.upstream.registry.HttpRegistry;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** One resource at which an upstream always fails, and all that is beside it (S27). */
@Timeout(60)
class OneResourceTest {
  private static final byte[] BYTES = "0123456789".repeat(20_000).getBytes(UTF_8);

  private final Bench bench = new Bench();
  private final HttpRegistry upstream = bench.connected();
  private final Digest digest = bench.registry.putBlob(BYTES);

  @AfterEach
  void close() {
    bench.close();
  }

  /** It closes nothing, however often it fails, and costs one request a second. */
  @ParameterizedTest
  @ValueSource(ints = {500, 502, 503, 504})
  void oneResourceThatAlwaysFailsOpensNothingAndIsAskedOnceASecond(int status) throws Exception {
    bench.registry.inject(Recorded.blob(digest), Fault.status(status));
    Digest other = bench.registry.putBlob(new byte[] {1});

    for (int second = 1; second <= 20; second++) {
      for (int i = 0; i < 10; i++) {
        assertFails(Failure.UNREACHABLE, this::head)
            .hasMessageContaining("failed: " + status)
            .hasMessageNotContaining("is not asked");
        upstream.headBlob(REPOSITORY, other, bench.cost);
      }
      assertThat(asked()).isEqualTo(second + 1);
      bench.pass(Duration.ofSeconds(1));
    }

    assertThat(upstream.breaker().state()).isEqualTo(BreakerStatus.State.CLOSED);
  }

  /** How often the registry was asked for the resource that fails. */
  private long asked() {
    return bench.registry.requests().stream()
        .filter(request -> request.path().endsWith(digest.toString()))
        .count();
  }

  /** An upstream that answers nothing fails by its way, which is the breaker's matter (F32). */
  @Test
  void failuresOfAnOutageAreNotToldAfterIt() throws Exception {
    bench.registry.inject(Recorded.blob(digest), Fault.status(503), 3);
    for (int i = 0; i < 3; i++) {
      assertFails(Failure.UNREACHABLE, this::head);
    }

    head();
    assertThat(asked()).isEqualTo(4);
  }

  /** The same with what a client chooses freely. */
  @Test
  void queriesOfOneListAreOneResource() throws Exception {
    bench.registry.inject(
        Recorded.path("/v2/" + Bench.NAME + "/tags/list"), Fault.status(503), FakeRegistry.ALWAYS);
    for (int i = 0; i < 20; i++) {
      String query = "last=v" + i;
      assertFails(Failure.UNREACHABLE, () -> upstream.listTags(REPOSITORY, query, bench.cost));
    }

    assertThat(bench.registry.requests()).hasSize(20);
    head();
  }

  /** It says that it fails at what was asked, and so it is there. */
  @Test
  void manyResourcesThatAnswer500OpenNothing() throws Exception {
    bench.failAt(upstream, Fault.status(500), 20);

    head();
    assertThat(upstream.trouble()).isEmpty();
  }

  @Test
  void sameFailureIsToldWithTheTimeToAskAgain() throws Exception {
    bench.registry.inject(Recorded.blob(digest), Fault.status(503), 2);
    Digest other = bench.registry.putBlob(new byte[] {1});
    assertFails(Failure.UNREACHABLE, this::head);
    upstream.headBlob(REPOSITORY, other, bench.cost);
    assertFails(Failure.UNREACHABLE, this::head)
        .satisfies(e -> assertThat(e.retryAfter()).isEmpty());
    bench.pass(Duration.ofMillis(400));

    assertFails(Failure.UNREACHABLE, this::head)
        .satisfies(e -> assertThat(e.retryAfter()).contains(Duration.ofMillis(600)));
    assertThat(asked()).isEqualTo(2);
  }

  @Test
  void failuresWithASuccessInBetweenAreNotRemembered() throws Exception {
    for (int i = 0; i < 3; i++) {
      bench.registry.inject(Recorded.blob(digest), Fault.status(503), 1);
      assertFails(Failure.UNREACHABLE, this::head);
      head();
    }

    assertThat(bench.registry.requests()).hasSize(6);
  }

  @Test
  void oneBlobThatAlwaysBreaksOpensNothing() throws Exception {
    bench.registry.inject(Recorded.blob(digest), Fault.resetAfter(1_000));
    for (int i = 0; i < 10; i++) {
      assertThat(catchThrowable(() -> bench.fetch(upstream, digest)))
          .isInstanceOf(IOException.class);
    }

    assertThat(upstream.breaker().state()).isEqualTo(BreakerStatus.State.CLOSED);
  }

  private void head() throws UpstreamException {
    upstream.headBlob(REPOSITORY, digest, bench.cost);
  }
}
