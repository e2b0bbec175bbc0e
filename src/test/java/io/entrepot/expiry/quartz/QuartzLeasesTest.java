package io.entrepot.expiry.quartz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.entrepot.expiry.Leases;
import io.entrepot.expiry.LeasesContract;
import io.entrepot.oci.Digest;
import io.entrepot.threads.Pace;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Leases in a database, by Quartz. */
class QuartzLeasesTest extends LeasesContract {
  private static final Digest LAYER = digest("layer");
  private static final Digest OTHER = digest("other");

  @TempDir Path folder;
  private final Instant now = Instant.now().truncatedTo(ChronoUnit.MILLIS);
  private LeasesFixture bench;

  @Override
  protected Leases open(Pace pace) throws Exception {
    bench = new LeasesFixture(folder, pace);
    return leases();
  }

  @Override
  protected void close() {
    bench.close();
  }

  private Leases leases() {
    return bench.leases();
  }

  @Test
  void gaugeTellsHowManyThereAre() {
    leases().lease(Map.of(LAYER, now.plusSeconds(60), OTHER, now.plusSeconds(60)));
    leases().release(LAYER);

    assertThat(bench.meters.get("entrepot.leases").gauge().value()).isEqualTo(1);
  }

  @Test
  void batchIsOneTransaction() {
    int before = bench.dataSource.asked();

    leases().lease(Map.of(LAYER, now.plusSeconds(60), OTHER, now.plusSeconds(90)));

    assertThat(bench.dataSource.asked()).isEqualTo(before + 1);
    assertThat(leases().count()).isEqualTo(2);
    assertThat(leases().unleased(List.of(LAYER, OTHER, digest("third"))))
        .containsExactly(digest("third"));
    leases().release(List.of(LAYER, OTHER));
    await().untilAsserted(() -> assertThat(leases().count()).isZero());
  }

  @Test
  void triggerIsNamedAsItsDigest() throws Exception {
    leases().lease(LAYER, now.plusSeconds(60));

    assertThat(bench.query("SELECT trigger_name || ' ' || trigger_group FROM qrtz_triggers"))
        .isEqualTo(LAYER + " lease");
  }

  @Test
  void choreIsNoLease() throws Exception {
    leases().every("tidy", Duration.ofHours(1), () -> {});
    leases().lease(LAYER, now.plusSeconds(60));

    assertThat(leases().count()).isEqualTo(1);
    assertThat(bench.query("SELECT COUNT(*) FROM qrtz_triggers")).isEqualTo("2");
  }

  private static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }
}
