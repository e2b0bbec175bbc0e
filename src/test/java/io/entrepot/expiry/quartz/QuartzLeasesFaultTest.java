package io.entrepot.expiry.quartz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.entrepot.database.FaultyDataSource;
import io.entrepot.expiry.LeaseException;
import io.entrepot.expiry.Leases;
import io.entrepot.fixture.Background;
import io.entrepot.oci.Digest;
import io.entrepot.threads.Pace;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.quartz.Job;
import org.quartz.JobExecutionContext;

/** How leases end, and what they stand: a database that is down, and tables that lie (S21). */
@Timeout(60)
class QuartzLeasesFaultTest {
  private static final Digest LAYER = digest("layer");
  private static final Digest OTHER = digest("other");

  @TempDir Path folder;
  private final Queue<Digest> fired = new ConcurrentLinkedQueue<>();
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private LeasesFixture bench;
  private FaultyDataSource dataSource;
  private Leases leases;

  @BeforeEach
  void open() throws Exception {
    open(new Pace(1_000, System::nanoTime));
  }

  private void open(Pace pace) throws Exception {
    bench = new LeasesFixture(folder, pace);
    dataSource = bench.dataSource;
    leases = bench.leases();
  }

  @AfterEach
  void close() {
    bench.close();
  }

  private void restart() throws Exception {
    close();
    open();
  }

  @Test
  void closingWaitsForACallThatRuns() throws Exception {
    CountDownLatch running = new CountDownLatch(1);
    CountDownLatch finish = new CountDownLatch(1);
    leases.lease(LAYER, now);
    leases.start(
        digest -> {
          running.countDown();
          awaitUninterrupted(finish);
          leases.release(digest);
          fired.add(digest);
        });
    running.await();

    CompletableFuture<Void> closed = Background.run(leases::close);
    await().during(Duration.ofMillis(300)).until(() -> !closed.isDone());
    finish.countDown();
    closed.get(60, TimeUnit.SECONDS);

    assertThat(fired).containsExactly(LAYER);
    assertThat(Integer.parseInt(bench.query("SELECT COUNT(*) FROM qrtz_triggers"))).isZero();
    assertThat(Integer.parseInt(bench.query("SELECT COUNT(*) FROM qrtz_fired_triggers"))).isZero();
  }

  @Test
  void closingEndsAWaitForTheNextTurn() throws Exception {
    close();
    open(new Pace(1, () -> 0));
    leases.lease(LAYER, now.minusSeconds(1));
    leases.lease(OTHER, now.minusSeconds(1));
    leases.start(fired::add);
    await().until(() -> fired.size() == 1);

    // The turn never comes, since this pace's clock stands still.
    leases.close();

    assertThat(fired).hasSize(1);
    assertThat(threads()).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void startGoesOnWhereTheDatabaseFailsOnce(boolean ended) {
    leases.lease(LAYER, now.minus(Duration.ofHours(1)));
    if (ended) {
      dataSource.end(1);
    } else {
      dataSource.fail(1);
    }

    leases.start(fired::add);

    await().until(() -> fired.contains(LAYER));
  }

  @Test
  void startSaysWhatTheDatabaseSaid() {
    dataSource.goDown();

    assertThatThrownBy(() -> leases.start(fired::add))
        .isInstanceOf(LeaseException.class)
        .hasMessageContaining("the database is down");

    dataSource.comeBack();
  }

  @Test
  void closingLeavesNoThread() {
    leases.lease(LAYER, now);
    leases.start(fired::add);
    await().until(() -> !fired.isEmpty());
    assertThat(threads()).isNotEmpty();

    leases.close();
    leases.close();

    assertThat(threads()).isEmpty();
    assertThat(bench.meters.find("entrepot.leases").gauge()).isNull();
  }

  @Test
  void leasesThatNeverStartedLeaveNoThread() {
    leases.close();

    assertThat(threads()).isEmpty();
  }

  @Test
  void foreignJobClassNeverRuns() throws Exception {
    leases.lease(LAYER, now.minusSeconds(1));
    bench.database.execute(
        "UPDATE qrtz_job_details SET job_class_name = '" + Intruder.class.getName() + "'");
    Intruder.ran = false;

    leases.start(fired::add);

    await().untilAsserted(() -> assertThat(fired).containsExactly(LAYER));
    assertThat(Intruder.ran).isFalse();
  }

  @ParameterizedTest
  @ValueSource(strings = {"trigger_state = 'ACQUIRED'", "next_fire_time = next_fire_time + 600000"})
  void leaseThatAProcessHadTakenWhenItDiedFiresAfterARestart(String taken) throws Exception {
    leases.lease(LAYER, now.minusSeconds(1));
    bench.database.execute("UPDATE qrtz_triggers SET " + taken);
    bench.database.execute(
        "INSERT INTO qrtz_fired_triggers (sched_name, entry_id, trigger_name, trigger_group,"
            + " instance_name, fired_time, sched_time, priority, state)"
            + " SELECT sched_name, 'single1', trigger_name, trigger_group, 'single', 1, 1, 5,"
            + " 'ACQUIRED' FROM qrtz_triggers");
    restart();

    leases.start(fired::add);

    await().untilAsserted(() -> assertThat(fired).containsExactly(LAYER));
  }

  /** A class that an attacker would like to run. */
  public static final class Intruder implements Job {
    static volatile boolean ran;

    @Override
    public void execute(JobExecutionContext context) {
      ran = true;
    }
  }

  @Test
  void failureSaysWhatWasAttempted() {
    dataSource.goDown();

    assertThatThrownBy(() -> leases.lease(LAYER, now))
        .isInstanceOf(LeaseException.class)
        .hasMessageStartingWith("leasing " + LAYER + " failed: ")
        .hasMessageContaining("the database is down");
    assertThatThrownBy(() -> leases.find(LAYER)).isInstanceOf(LeaseException.class);
    assertThatThrownBy(() -> leases.release(LAYER)).isInstanceOf(LeaseException.class);
    assertThat(bench.meters.get("entrepot.leases").gauge().value()).isNaN();
  }

  @Test
  void databaseThatAnothersFailedWriteHasEndedIsAskedAgain() {
    dataSource.end(1);
    leases.lease(LAYER, now);
    dataSource.end(3);
    assertThat(leases.find(LAYER)).contains(now);

    dataSource.end(4);
    assertThatThrownBy(() -> leases.count()).isInstanceOf(LeaseException.class);
    assertThat(leases.count()).isEqualTo(1);
  }

  @Test
  void leaseFiresAfterTheDatabaseWasDown() {
    leases.lease(LAYER, now);
    dataSource.before(this::goDownOnceTheSchedulerHasAsked);
    int asked = dataSource.asked();
    leases.start(fired::add);
    await().until(() -> dataSource.isDown() && dataSource.asked() > asked + 3);
    assertThat(fired).isEmpty();

    dataSource.before(() -> {});
    dataSource.comeBack();

    await().untilAsserted(() -> assertThat(fired).containsExactly(LAYER));
  }

  /** It has its connection by then, and takes the lease to fire it next, with another. */
  private void goDownOnceTheSchedulerHasAsked() {
    if (Thread.currentThread().getName().equals("entrepot-expiry-quartz-1")) {
      dataSource.goDown();
    }
  }

  @Test
  void closingWithoutADatabaseLeavesNoThread() {
    leases.start(fired::add);
    dataSource.goDown();

    leases.close();

    assertThat(threads()).isEmpty();
  }

  private static List<String> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .map(Thread::getName)
        .filter(name -> name.startsWith("entrepot-expiry") || name.contains("Quartz"))
        .toList();
  }

  private static void awaitUninterrupted(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }
}
