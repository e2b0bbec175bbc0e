package io.entrepot.expiry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.oci.Digest;
import io.entrepot.threads.Pace;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * What every kind of leases must do: they fire, by a clock that may jump (F20), and outlive a
 * restart. A kind's own test extends this and adds what is its own.
 */
@Timeout(60)
public abstract class LeasesContract {
  private static final Digest LAYER = digest("layer");
  private static final Digest OTHER = digest("other");

  private final Queue<Digest> fired = new ConcurrentLinkedQueue<>();
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private Leases leases;

  /** Opens the leases, which find again what was there before they were closed. */
  protected abstract Leases open(Pace pace) throws Exception;

  /** Closes what was opened last. */
  protected abstract void close() throws Exception;

  @BeforeEach
  void openFast() throws Exception {
    leases = open(new Pace(1_000, System::nanoTime));
  }

  @AfterEach
  void closeLast() throws Exception {
    close();
  }

  private void restart() throws Exception {
    restart(new Pace(1_000, System::nanoTime));
  }

  private void restart(Pace pace) throws Exception {
    close();
    leases = open(pace);
  }

  @Test
  void leaseIsReplacedAndReleased() {
    leases.lease(LAYER, now.plusSeconds(60));
    leases.lease(OTHER, now.plusSeconds(60));
    leases.lease(LAYER, now.plusSeconds(30));
    assertThat(leases.find(LAYER)).contains(now.plusSeconds(30));
    assertThat(leases.count()).isEqualTo(2);

    leases.release(LAYER);
    leases.release(LAYER);

    assertThat(leases.find(LAYER)).isEmpty();
    assertThat(leases.find(OTHER)).contains(now.plusSeconds(60));
    awaitCount(1);
  }

  /** A count that took long is kept for a while. */
  private void awaitCount(long expected) {
    await().untilAsserted(() -> assertThat(leases.count()).isEqualTo(expected));
  }

  @Test
  void batchIsLeasedAndReleased() {
    leases.lease(Map.of(LAYER, now.plusSeconds(60), OTHER, now.plusSeconds(90)));

    assertThat(leases.count()).isEqualTo(2);
    assertThat(leases.unleased(List.of(LAYER, OTHER, digest("third"))))
        .containsExactly(digest("third"));
    leases.release(List.of(LAYER, OTHER));
    assertThat(leases.unleased(List.of(LAYER, OTHER))).containsExactly(LAYER, OTHER);
    awaitCount(0);
  }

  @Test
  void leasedDigestsAreListedInBatches() {
    leases.lease(Map.of(LAYER, now.plusSeconds(60), OTHER, now.plusSeconds(90)));

    List<Digest> first = leases.digestsAfter(null, 1);
    List<Digest> second = leases.digestsAfter(first.get(0), 1);

    assertThat(List.of(first.get(0), second.get(0))).containsExactlyInAnyOrder(LAYER, OTHER);
    assertThat(leases.digestsAfter(second.get(0), 1)).isEmpty();
  }

  @Test
  void leaseOutlivesARestartAndFiresIfItRanOutMeanwhile() throws Exception {
    leases.lease(LAYER, now.minus(Duration.ofDays(3)));
    leases.lease(OTHER, now.plus(Duration.ofDays(3)));
    restart();

    leases.start(fired::add);

    await().untilAsserted(() -> assertThat(fired).containsExactly(LAYER));
    assertThat(leases.find(OTHER)).contains(now.plus(Duration.ofDays(3)));
  }

  @Test
  void overdueLeasesFireInTheOrderOfExpiry() throws Exception {
    List<Digest> inOrder = IntStream.range(0, 20).mapToObj(i -> digest("blob " + i)).toList();
    for (int i = 19; i >= 0; i--) {
      leases.lease(inOrder.get(i), now.minusSeconds(1_000 - i));
    }
    AtomicLong nanos = new AtomicLong();
    restart(new Pace(10, nanos::get));

    leases.start(fired::add);

    // One turn after the other: of two that may run at once, either may be the first to tell.
    for (int turn = 1; turn <= 20; turn++) {
      int expected = turn;
      await().untilAsserted(() -> assertThat(fired).hasSize(expected));
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
    }
    List<Digest> order = List.copyOf(fired);
    for (int i = 0; i < 20; i++) {
      assertThat(order.indexOf(inOrder.get(i))).isBetween(i - 2, i + 2); // two threads
    }
  }

  @Test
  void leaseAddedWhileRunningFiresWithoutDelay() {
    leases.lease(OTHER, now.plus(Duration.ofDays(3)));
    leases.start(fired::add);

    leases.lease(LAYER, now);

    await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> assertThat(fired).contains(LAYER));
  }

  @Test
  void overdueLeaseThatNobodyReleasesFiresOnceAndAgainARetryLater() {
    leases.lease(LAYER, now.minus(Duration.ofDays(3)));
    leases.start(fired::add);

    await().untilAsserted(() -> assertThat(fired).isNotEmpty());

    assertThat(leases.find(LAYER).orElseThrow())
        .isBetween(now.plus(Leases.RETRY), Instant.now().plus(Leases.RETRY));
    await().during(Duration.ofMillis(500)).until(() -> fired.size() == 1);
  }

  @Test
  void leaseFiresAgainWhenItsReceiverFails() {
    leases.lease(LAYER, now);
    leases.start(
        digest -> {
          fired.add(digest);
          throw new IllegalStateException("on purpose");
        });

    await().untilAsserted(() -> assertThat(fired).hasSize(1));

    assertThat(leases.find(LAYER).orElseThrow()).isAfterOrEqualTo(now.plus(Leases.RETRY));
  }

  @Test
  void leaseMayBeReplacedOrReleasedByItsReceiver() {
    leases.lease(LAYER, now);
    leases.lease(OTHER, now);
    CountDownLatch both = new CountDownLatch(2);
    leases.start(
        digest -> {
          if (digest.equals(LAYER)) {
            leases.lease(digest, now.plusSeconds(3_600));
          } else {
            leases.release(digest);
          }
          both.countDown();
        });

    await().until(() -> both.getCount() == 0);
    restartQuietly();

    assertThat(leases.find(LAYER)).contains(now.plusSeconds(3_600));
    assertThat(leases.find(OTHER)).isEmpty();
  }

  private void restartQuietly() {
    try {
      restart();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void clockThatJumpsAheadFiresNoMoreThanThePace() throws Exception {
    AtomicLong nanos = new AtomicLong();
    restart(new Pace(10, nanos::get));
    for (int i = 0; i < 60; i++) {
      leases.lease(digest("blob " + i), now.minusSeconds(10));
    }
    leases.start(
        digest -> {
          leases.release(digest);
          fired.add(digest);
        });

    await().untilAsserted(() -> assertThat(fired).hasSize(1));
    await().during(Duration.ofMillis(300)).until(() -> fired.size() == 1);
    for (int tenth = 2; tenth <= 20; tenth++) {
      int expected = tenth;
      nanos.addAndGet(TimeUnit.MILLISECONDS.toNanos(100));
      await().untilAsserted(() -> assertThat(fired).hasSize(expected));
    }
    await().during(Duration.ofMillis(300)).until(() -> fired.size() == 20);
  }

  @Test
  void choreRunsAtOnceAndAgainAnIntervalLater() {
    AtomicInteger runs = new AtomicInteger();
    leases.start(fired::add);

    leases.every("tidy", Duration.ofMillis(200), runs::incrementAndGet);

    await().until(() -> runs.get() >= 3);
  }

  @Test
  void choreThatFailsRunsAgain() {
    AtomicInteger runs = new AtomicInteger();
    leases.start(fired::add);

    leases.every(
        "tidy",
        Duration.ofMillis(200),
        () -> {
          runs.incrementAndGet();
          throw new IllegalStateException("on purpose");
        });

    await().until(() -> runs.get() >= 2);
  }

  @Test
  void choreAtATimeRunsThenAndAtEachTimeAfter() {
    AtomicInteger runs = new AtomicInteger();
    leases.start(fired::add);

    leases.at("plan", after -> after.plusMillis(200), runs::incrementAndGet);

    await().until(() -> runs.get() >= 3);
  }

  @Test
  void timeThatPassedWhileNothingRanIsMadeUpForOnce() throws Exception {
    AtomicInteger runs = new AtomicInteger();
    leases.at("plan", after -> after.plusMillis(1), runs::incrementAndGet);
    restart();
    leases.start(fired::add);

    leases.at("plan", after -> after.plus(Duration.ofDays(1)), runs::incrementAndGet);
    leases.lease(LAYER, Instant.now());

    await().untilAsserted(() -> assertThat(runs.get()).isEqualTo(1));
    await().untilAsserted(() -> assertThat(fired).containsExactly(LAYER));
    assertThat(runs.get()).isEqualTo(1);
  }

  /** As after an upgrade to a version that has no such chore any more. */
  @Test
  void choreOfAnEarlierRunThatNobodyKnowsDisturbsNothing() throws Exception {
    leases.every("tidy", Duration.ofHours(1), () -> {});
    leases.lease(LAYER, now);
    restart();

    leases.start(fired::add);

    await().untilAsserted(() -> assertThat(fired).containsExactly(LAYER));
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }
}
