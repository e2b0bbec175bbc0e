package io.entrepot.expiry.quartz;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.sun.management.OperatingSystemMXBean;
import io.entrepot.database.TestDatabase;
import io.entrepot.expiry.Leases;
import io.entrepot.oci.Digest;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A hundred thousand leases: what they cost to add, and how soon a restart is at work on them
 * (F21). One cost is compared with another, so the speed of the machine does not matter.
 */
@Timeout(600)
class LeasesScaleTest {
  private static final int LEASES = 100_000;
  private static final int TENTH = LEASES / 10;
  private static final int BATCH = 500;
  private static final int SINGLE = 2_000;
  private static final Pace PACE = new Pace(1_000, System::nanoTime);

  @TempDir Path folder;

  @Test
  void costOfALeaseStaysFlatAndARestartDoesNotReadThemAll() throws Exception {
    Instant now = Instant.now();
    double adding;
    try (TestDatabase database = TestDatabase.open(folder);
        Leases leases = TestLeases.open(database.dataSource(), PACE, new SimpleMeterRegistry())) {
      double first = addInBatches(leases, now, 0, TENTH);
      double middle = addInBatches(leases, now, TENTH, LEASES - TENTH);
      double last = addInBatches(leases, now, LEASES - TENTH, LEASES);
      double single = addOneByOne(leases, now);
      adding = first + middle + last;
      System.out.printf(
          "leases a second: %.0f in batches, %.0f one by one%n", LEASES / adding, SINGLE / single);
      // If each lease cost more with each that is there, this would be 19 times the first tenth. A
      // part of it is what the JVM does meanwhile.
      assertThat(last).isLessThan(6 * first);
      // Each is a commit of its own.
      assertThat(single / SINGLE).isLessThan(5 * adding / LEASES);
    }

    long restart = cpuNanos();
    try (TestDatabase database = TestDatabase.open(folder);
        Leases leases = TestLeases.open(database.dataSource(), PACE, new SimpleMeterRegistry())) {
      CountDownLatch first = new CountDownLatch(1);
      leases.start(digest -> first.countDown());
      double started = seconds(restart);
      assertThat(first.await(25, TimeUnit.SECONDS)).isTrue();
      double fired = seconds(restart);
      System.out.printf(
          "restart: started after %.2f s, first fired after %.2f s%n", started, fired);
      // A part of it is what any start costs. Handling all that have run out would cost more than
      // half of the adding.
      assertThat(fired).isLessThan(adding / 3);
      assertThat(leases.count()).isCloseTo(LEASES + SINGLE, within(0L));
    }
  }

  /**
   * Adds these leases; returns how many seconds it took. Every second one has run out already, so
   * that a restart finds plenty to do.
   */
  private static double addInBatches(Leases leases, Instant now, int from, int to) {
    long begin = cpuNanos();
    for (int i = from; i < to; i += BATCH) {
      Map<Digest, Instant> batch = new HashMap<>();
      for (int k = i; k < i + BATCH; k++) {
        Duration expiry = k % 2 == 0 ? Duration.ofDays(7) : Duration.ofDays(-1);
        batch.put(digest(k), now.plus(expiry).plusMillis(k));
      }
      leases.lease(batch);
    }
    return seconds(begin);
  }

  private static double addOneByOne(Leases leases, Instant now) {
    long begin = cpuNanos();
    for (int i = LEASES; i < LEASES + SINGLE; i++) {
      leases.lease(digest(i), now.plus(Duration.ofDays(7)));
    }
    return seconds(begin);
  }

  /** The processor time of this process, since other processes take time too. */
  private static long cpuNanos() {
    return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getProcessCpuTime();
  }

  private static double seconds(long since) {
    return (cpuNanos() - since) / 1e9;
  }

  private static Digest digest(int i) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, ByteBuffer.allocate(4).putInt(i).array());
  }
}
