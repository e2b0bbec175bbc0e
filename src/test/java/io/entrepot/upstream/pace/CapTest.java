package io.entrepot.upstream.pace;

import static io.entrepot.upstream.registry.Bench.REPOSITORY;
import static io.entrepot.upstream.registry.Bench.assertFails;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Background;
import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Cost;
import io.entrepot.oci.Digest;
import io.entrepot.upstream.FetchRange;
import io.entrepot.upstream.UpstreamBody;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.registry.Bench;
import io.entrepot.upstream.registry.HttpRegistry;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** How many calls may be under way at once, and how fast blobs may come. */
@Timeout(60)
class CapTest {
  private static final Duration NO_WAIT = Duration.ofMillis(1);
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final byte[] BYTES = new byte[400_000];

  private final Bench bench = new Bench();
  private final Digest digest = bench.registry.putBlob(BYTES);
  private final AtomicLong now = new AtomicLong(Long.MAX_VALUE - 1_000_000);

  @AfterEach
  void close() {
    bench.close();
  }

  private HttpRegistry under(Cap... caps) {
    return bench.upstream(o -> o.restraint(r -> Restraint.DEFAULT.withCaps(List.of(caps))));
  }

  private Cap speed(long bytesPerSecond) {
    return new Cap("test", 0, Duration.ZERO, bytesPerSecond, now::get, now::addAndGet);
  }

  @Test
  void callPastTheCapIsBusyAndSendsNothing() throws Exception {
    HttpRegistry upstream = under(new Cap("upstream ghcr.io", 2, NO_WAIT, 0));
    try (UpstreamBody first = fetch(upstream);
        UpstreamBody second = fetch(upstream)) {
      assertThat(List.of(first.offset(), second.offset())).containsOnly(0L);
      assertFails(Failure.BUSY, () -> upstream.headBlob(REPOSITORY, digest, bench.cost))
          .hasMessage(
              "2 calls of upstream ghcr.io are under way, which is the limit;"
                  + " none ended within 1 ms")
          .satisfies(e -> assertThat(e.retryAfter()).contains(Duration.ofSeconds(1)));
      assertThat(bench.registry.requests()).hasSize(2);
    }
    upstream.headBlob(REPOSITORY, digest, bench.cost);
  }

  @Test
  void callWaitsForItsTurn() throws Exception {
    HttpRegistry upstream = under(new Cap("test", 1, LONG, 0));
    Gate gate = bench.registry.hold(digest, 10);
    CompletableFuture<byte[]> first = later(upstream);
    gate.awaitReached();
    CompletableFuture<byte[]> second = later(upstream);
    assertThat(second).isNotDone();
    assertThat(bench.registry.requests()).hasSize(1);
    gate.release();
    assertThat(first.get(60, TimeUnit.SECONDS)).isEqualTo(BYTES);
    assertThat(second.get(60, TimeUnit.SECONDS)).isEqualTo(BYTES);
  }

  private CompletableFuture<byte[]> later(HttpRegistry upstream) {
    return Background.supply(
        () -> {
          try {
            return Bench.fetch(upstream, REPOSITORY, digest, new Cost());
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
        });
  }

  @Test
  void placesComeBackAfterFailuresOfEveryKind() throws Exception {
    HttpRegistry upstream = under(new Cap("test", 1, NO_WAIT, 0));
    Fault otherDigest = Fault.header("Docker-Content-Digest", "sha256:" + "0".repeat(64));
    for (Fault fault :
        List.of(Fault.status(404), Fault.status(500), otherDigest, Fault.resetAfter(9))) {
      bench.registry.inject(Recorded.blob(digest), fault, 1);
      assertThatThrownBy(() -> bench.fetch(upstream, digest)).isInstanceOf(Exception.class);
    }
    UpstreamBody closedTwice = fetch(upstream);
    closedTwice.close();
    closedTwice.close();
    try (UpstreamBody body = fetch(upstream)) {
      assertThat(body.stream().readAllBytes()).isEqualTo(BYTES);
      assertFails(Failure.BUSY, () -> fetch(upstream));
    }
  }

  @Test
  void sharedCapIsSharedAndWhoWaitsForItHoldsNothingOfOthers() throws Exception {
    Cap shared = new Cap("all upstreams", 1, NO_WAIT, 0);
    HttpRegistry one = under(new Cap("one", 2, NO_WAIT, 0), shared);
    HttpRegistry other = under(new Cap("other", 1, NO_WAIT, 0), shared);
    try (UpstreamBody body = fetch(one)) {
      assertThat(body.blobSize()).hasValue(BYTES.length);
      for (int i = 0; i < 3; i++) {
        assertFails(Failure.BUSY, () -> fetch(other))
            .hasMessageContaining("1 calls of all upstreams");
      }
    }
    fetch(other).close();
  }

  @Test
  void openBreakerFailsBeforeTheCapIsWaitedFor() throws Exception {
    Cap cap = new Cap("test", 1, NO_WAIT, 0);
    HttpRegistry upstream = under(cap);
    for (int i = 1; i <= 5; i++) {
      Digest each = bench.registry.putBlob(new byte[BYTES.length + i]);
      bench.registry.inject(Recorded.blob(each), Fault.resetAfter(100), 1);
      assertThatThrownBy(() -> bench.fetch(upstream, each)).isInstanceOf(Exception.class);
    }
    cap.enter();
    assertFails(Failure.UNREACHABLE, () -> fetch(upstream)).hasMessageContaining("is not asked");
    assertFails(Failure.UNREACHABLE, () -> upstream.headBlob(REPOSITORY, digest, bench.cost))
        .hasMessageContaining("is not asked");
    bench.probe();
    assertFails(Failure.BUSY, () -> fetch(upstream));
    cap.leave();
    fetch(upstream).close();
  }

  @Test
  void bodiesComeNoFasterThanToldAndWhole() throws Exception {
    HttpRegistry upstream = under(speed(100_000));
    long start = now.get();
    assertThat(bench.fetch(upstream, digest)).isEqualTo(BYTES);
    assertThat(now.get() - start).isBetween(millis(3_850), millis(4_001));
  }

  @Test
  void readersOfOneBandwidthTakeTurnsInIt() throws Exception {
    Cap shared = speed(100_000);
    HttpRegistry one = under(shared);
    HttpRegistry other = under(shared);
    long start = now.get();
    try (UpstreamBody first = fetch(one);
        UpstreamBody second = fetch(other)) {
      byte[] chunk = new byte[50_000];
      assertThat(first.stream().read(chunk))
          .as("an eighth of a second")
          .isLessThanOrEqualTo(12_500);
      assertThat(first.stream().readNBytes(chunk, 0, 50_000)).isEqualTo(50_000);
      assertThat(second.stream().readNBytes(chunk, 0, 50_000)).isEqualTo(50_000);
    }
    assertThat(now.get() - start).isBetween(millis(850), millis(1_130));
  }

  @Test
  void idleTimeIsNotSavedUp() throws Exception {
    Cap cap = speed(100_000);
    now.addAndGet(TimeUnit.HOURS.toNanos(1));
    long start = now.get();
    for (int i = 0; i < 10; i++) {
      cap.delay(10_000);
    }
    assertThat(now.get() - start).isEqualTo(millis(875));
  }

  @Test
  void interruptedSleepBreaksTheBodyAndStaysAnInterrupt() {
    Cap cap =
        new Cap(
            "test",
            0,
            Duration.ZERO,
            1,
            now::get,
            nanos -> {
              throw new InterruptedException();
            });
    assertThatThrownBy(() -> cap.delay(10)).isInstanceOf(InterruptedIOException.class);
    assertThat(Thread.interrupted()).isTrue();
  }

  @Test
  void interruptedWaitIsBusyAndStaysAnInterrupt() throws Exception {
    Cap cap = new Cap("test", 1, LONG, 0);
    cap.enter();
    CompletableFuture<Boolean> interrupted = new CompletableFuture<>();
    Thread waiting =
        new Thread(
            () -> {
              assertFails(Failure.BUSY, cap::enter).hasMessageContaining("interrupted");
              interrupted.complete(Thread.currentThread().isInterrupted());
            });
    waiting.start();
    await().until(() -> waiting.getState() == Thread.State.TIMED_WAITING);
    waiting.interrupt();
    assertThat(interrupted.get(60, TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void negativeCapIsRefused() {
    assertThatThrownBy(() -> new Cap("x", -1, NO_WAIT, 0))
        .isInstanceOf(IllegalArgumentException.class);
    assertThatThrownBy(() -> new Cap("x", 1, NO_WAIT, -1))
        .isInstanceOf(IllegalArgumentException.class);
  }

  private UpstreamBody fetch(HttpRegistry upstream) throws UpstreamException {
    return upstream.fetchBlob(REPOSITORY, digest, FetchRange.WHOLE, bench.cost);
  }

  private static long millis(long count) {
    return TimeUnit.MILLISECONDS.toNanos(count);
  }
}
