package io.entrepot.expiry;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.oci.Digest;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
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
import org.junit.jupiter.api.io.TempDir;

/** Leases that fire, by a clock that may jump (F20). */
@Timeout(60)
class LeasesTest {
  private static final Digest LAYER = digest("layer");
  private static final Digest OTHER = digest("other");

  @TempDir Path folder;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Queue<Digest> fired = new ConcurrentLinkedQueue<>();
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private TestDatabase database;
  private FaultyDataSource dataSource;
  private Leases leases;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    leases = leases(new Pace(1_000, System::nanoTime));
  }

  private Leases leases(Pace pace) {
    return new Leases(dataSource, pace, meters);
  }

  @AfterEach
  void close() {
    leases.close();
    database.close();
  }

  private void restart() throws Exception {
    close();
    open();
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
    assertThat(meters.get("entrepot.leases").gauge().value()).isEqualTo(1);
  }

  @Test
  void batchIsOneTransaction() {
    int before = dataSource.asked();

    leases.lease(Map.of(LAYER, now.plusSeconds(60), OTHER, now.plusSeconds(90)));

    assertThat(dataSource.asked()).isEqualTo(before + 1);
    assertThat(leases.count()).isEqualTo(2);
    assertThat(leases.unleased(List.of(LAYER, OTHER, digest("third"))))
        .containsExactly(digest("third"));
    leases.release(List.of(LAYER, OTHER));
    assertThat(leases.count()).isZero();
  }

  @Test
  void triggerIsNamedAsItsDigest() throws Exception {
    leases.lease(LAYER, now.plusSeconds(60));

    assertThat(query("SELECT trigger_name || ' ' || trigger_group FROM qrtz_triggers"))
        .isEqualTo(LAYER + " lease");
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
    restart();
    leases.close();
    AtomicLong nanos = new AtomicLong();
    leases = leases(new Pace(10, nanos::get));

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
  void clockThatJumpsAheadFiresNoMoreThanThePace() {
    AtomicLong nanos = new AtomicLong();
    leases.close();
    leases = leases(new Pace(10, nanos::get));
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
  void choreIsNoLease() throws Exception {
    leases.every("tidy", Duration.ofHours(1), () -> {});
    leases.lease(LAYER, now.plusSeconds(60));

    assertThat(leases.count()).isEqualTo(1);
    assertThat(query("SELECT COUNT(*) FROM qrtz_triggers")).isEqualTo("2");
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

  private String query(String sql) throws SQLException {
    try (Connection connection = database.dataSource().getConnection();
        Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery(sql)) {
      return rows.next() ? rows.getString(1) : "";
    }
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }
}
