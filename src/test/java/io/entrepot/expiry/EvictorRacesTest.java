package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.expiry.EvictorBench.ALPINE;
import static io.entrepot.expiry.EvictorBench.GRACE;
import static io.entrepot.expiry.EvictorBench.LAYER;
import static io.entrepot.expiry.EvictorBench.OTHER;
import static io.entrepot.expiry.EvictorBench.TTL;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A lease that runs out while bytes are in use or fetched anew (F18), or while something fails. */
class EvictorRacesTest {
  @TempDir Path folder;
  private EvictorBench bench;

  @BeforeEach
  void open() throws Exception {
    bench = new EvictorBench(folder);
  }

  @AfterEach
  void close() {
    bench.close();
  }

  @Test
  void linkMadeInTheGraceKeepsTheBlob() {
    bench.link(ALPINE);
    bench.clock.advance(TTL);
    bench.evictor.expire(LAYER);
    bench.link(OTHER);
    bench.clock.advance(GRACE);

    bench.evictor.expire(LAYER);

    assertThat(bench.disk.blobs).contains(LAYER);
    assertThat(bench.leases.find(LAYER)).contains(bench.clock.instant().minus(GRACE).plus(TTL));
  }

  @Test
  void linkMadeJustBeforeTheRemovalWins() {
    bench.expireLink();
    bench.disk.beforeRemoval = () -> bench.link(OTHER);

    bench.evictor.expire(LAYER);

    assertThat(bench.disk.blobs).contains(LAYER);
    assertThat(bench.catalog.findLink(OTHER, LAYER, BLOB)).isPresent();
    assertThat(bench.leases.find(LAYER))
        .contains(bench.clock.instant().plus(Duration.ofMinutes(1)));
  }

  @Test
  void blobFetchedAnewJustAfterTheRemovalKeepsItsRowAndALease() {
    bench.expireLink();
    bench.disk.afterRemoval = () -> bench.link(OTHER);

    bench.evictor.expire(LAYER);

    assertThat(bench.disk.blobs).contains(LAYER);
    assertThat(bench.catalog.findLink(OTHER, LAYER, BLOB)).isPresent();
    assertThat(bench.leases.find(LAYER)).isPresent();
    assertThat(bench.count("entrepot.evictions")).isZero();
  }

  @Test
  void removalThatFailsKeepsRowAndLeaseAndIsTriedAgain() {
    bench.expireLink();
    bench.disk.broken = true;

    bench.evictor.expire(LAYER);
    assertThat(bench.catalog.findBlob(LAYER)).isPresent();
    assertThat(bench.leases.find(LAYER)).contains(bench.clock.instant().plus(Leases.RETRY));
    assertThat(bench.count("entrepot.eviction.failures")).isEqualTo(1);

    bench.disk.broken = false;
    bench.evictor.expire(LAYER);
    assertThat(bench.disk.blobs).isEmpty();
    assertThat(bench.catalog.findBlob(LAYER)).isEmpty();
    assertThat(bench.leases.find(LAYER)).isEmpty();
  }

  @Test
  void fileThatIsGoneAlreadyIsForgotten() {
    bench.expireLink();
    bench.disk.blobs.clear();

    bench.evictor.expire(LAYER);

    assertThat(bench.catalog.findBlob(LAYER)).isEmpty();
    assertThat(bench.leases.find(LAYER)).isEmpty();
  }

  @Test
  void databaseThatFailsChangesNothing() {
    bench.link(ALPINE);
    Instant lease = bench.clock.instant().plus(TTL);
    bench.clock.advance(TTL);
    bench.dataSource.goDown();

    bench.evictor.expire(LAYER);

    bench.dataSource.comeBack();
    assertThat(bench.leases.find(LAYER)).contains(lease);
    assertThat(bench.catalog.links(LAYER)).hasSize(1);
    assertThat(bench.count("entrepot.eviction.failures")).isEqualTo(1);
  }

  @Test
  void pinnedBlobIsAskedAboutAMinuteLater() {
    bench.link(ALPINE);
    bench.clock.advance(TTL);
    bench.pinned.add(LAYER);

    bench.evictor.expire(LAYER);

    assertThat(bench.catalog.links(LAYER)).hasSize(1);
    assertThat(bench.leases.find(LAYER))
        .contains(bench.clock.instant().plus(Duration.ofMinutes(1)));
  }

  @Test
  void fillThatBeganInTheGracePinsTheBlob() {
    bench.expireLink();
    bench.disk.beforeRemoval = () -> bench.pinned.add(LAYER);

    bench.evictor.expire(LAYER);

    assertThat(bench.disk.blobs).contains(LAYER);
    assertThat(bench.leases.find(LAYER)).isPresent();
  }
}
