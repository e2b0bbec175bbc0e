package io.entrepot.servers.lifecycle;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.fixture.Fault;
import io.entrepot.fixture.Gate;
import io.entrepot.fixture.Recorded;
import io.entrepot.oci.Digest;
import io.entrepot.servers.lifecycle.WarServer.Deployed;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Slow pulls on a Jetty with its default configuration. It ends asynchronous requests without a
 * timeout after 30 s, and also idle connections.
 */
@Timeout(180)
class JettySlowPullIT {
  private static final int SECONDS = 35;
  private static final int RATE = 50_000;

  @TempDir Path folder;

  /** The upstream sends one blob very slowly, and pauses for a long time in another. */
  @Test
  void pullsOutlastJettysOwnTimeouts() throws Exception {
    try (Bench bench = new Bench(folder, new JettyServer(folder, Bench.war()))) {
      byte[] slow = bench.random(SECONDS * RATE);
      byte[] silent = bench.random(1_000_000);
      Digest slowBlob = bench.upstream.putBlob("team/app", slow);
      Digest silentBlob = bench.upstream.putBlob("team/app", silent);
      bench.upstream.inject(Recorded.blobGet(slowBlob), Fault.throttle(RATE));
      Gate gate = bench.upstream.hold(silentBlob, 500_000);
      // With the default, an upstream that pauses for so long counts as failed.
      Deployed deployed = bench.deploy("proxy.idletimeout", "5m");

      var silentPull = bench.getLater(deployed, Bench.path(silentBlob));
      gate.awaitReached();
      long begun = System.nanoTime();
      var slowPull = bench.getLater(deployed, Bench.path(slowBlob));
      Duration beyond = Duration.ofSeconds(SECONDS - 2);
      await().during(beyond).atMost(beyond.plusSeconds(20)).until(() -> !silentPull.isDone());
      gate.release();

      assertThat(silentPull.get(60, TimeUnit.SECONDS).body()).isEqualTo(silent);
      assertThat(slowPull.get(60, TimeUnit.SECONDS).body()).isEqualTo(slow);
      assertThat(Duration.ofNanos(System.nanoTime() - begun)).isGreaterThan(beyond);
      assertThat(bench.upstream.blobGets(slowBlob)).hasSize(1);
      assertThat(bench.upstream.blobGets(silentBlob)).hasSize(1);
    }
  }
}
