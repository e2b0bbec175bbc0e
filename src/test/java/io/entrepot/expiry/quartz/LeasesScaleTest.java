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
 * (F21).
 */
@Timeout(600)
class LeasesScaleTest {
  private static final int LEASES = 100_000;
  private static final int BATCH = 500;
  private static final int SINGLE = 2_000;
  private static final Pace PACE = new Pace(1_000, System::nanoTime);

  @TempDir Path folder;

  @Test
  void addsOverAThousandASecondAndIsAtWorkFiveSecondsAfterARestart() throws Exception {
    Instant now = Instant.now();
    try (TestDatabase database = TestDatabase.open(folder);
        Leases leases = TestLeases.open(database.dataSource(), PACE, new SimpleMeterRegistry())) {
      double batched = addInBatches(leases, now);
      double single = addOneByOne(leases, now);
      System.out.printf("leases a second: %.0f in batches, %.0f one by one%n", batched, single);
      assertThat(batched).isGreaterThan(1_000);
      assertThat(single).isGreaterThan(200); // each is a commit of its own
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
      assertThat(fired).isLessThan(5);
      assertThat(leases.count()).isCloseTo(LEASES + SINGLE, within(0L));
    }
  }

  /** Every second one has run out already, so that a restart finds plenty to do. */
  private static double addInBatches(Leases leases, Instant now) {
    long begin = cpuNanos();
    for (int i = 0; i < LEASES; i += BATCH) {
      Map<Digest, Instant> batch = new HashMap<>();
      for (int k = i; k < i + BATCH; k++) {
        Duration from = k % 2 == 0 ? Duration.ofDays(7) : Duration.ofDays(-1);
        batch.put(digest(k), now.plus(from).plusMillis(k));
      }
      leases.lease(batch);
    }
    return LEASES / seconds(begin);
  }

  private static double addOneByOne(Leases leases, Instant now) {
    long begin = cpuNanos();
    for (int i = LEASES; i < LEASES + SINGLE; i++) {
      leases.lease(digest(i), now.plus(Duration.ofDays(7)));
    }
    return SINGLE / seconds(begin);
  }

  /** What this process has computed: what else the machine does is no fault of ours. */
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
