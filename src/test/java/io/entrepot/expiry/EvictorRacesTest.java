package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;

/** A lease that runs out while bytes are in use or fetched anew (F18), or while something fails. */
class EvictorRacesTest extends ExpiryFixture {
  @Test
  void linkMadeInTheGraceKeepsTheBlob() {
    link(ALPINE);
    clock.advance(TTL);
    evictor.expire(LAYER);
    link(OTHER);
    clock.advance(GRACE);

    evictor.expire(LAYER);

    assertThat(disk.blobs).contains(LAYER);
    assertThat(leases.find(LAYER)).contains(clock.instant().minus(GRACE).plus(TTL));
  }

  @Test
  void linkMadeJustBeforeTheRemovalWins() {
    expireLink();
    disk.beforeRemoval = () -> link(OTHER);

    evictor.expire(LAYER);

    assertThat(disk.blobs).contains(LAYER);
    assertThat(catalog.findLink(OTHER, LAYER, BLOB)).isPresent();
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(Duration.ofMinutes(1)));
  }

  @Test
  void blobFetchedAnewJustAfterTheRemovalKeepsItsRowAndALease() {
    expireLink();
    disk.afterRemoval = () -> link(OTHER);

    evictor.expire(LAYER);

    assertThat(disk.blobs).contains(LAYER);
    assertThat(catalog.findLink(OTHER, LAYER, BLOB)).isPresent();
    assertThat(leases.find(LAYER)).isPresent();
    assertThat(count("entrepot.evictions")).isZero();
  }

  @Test
  void removalThatFailsKeepsRowAndLeaseAndIsTriedAgain() {
    expireLink();
    disk.broken = true;

    evictor.expire(LAYER);
    assertThat(catalog.blobs().find(LAYER)).isPresent();
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(Leases.RETRY));
    assertThat(count("entrepot.eviction.failures")).isEqualTo(1);

    disk.broken = false;
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
    assertThat(catalog.blobs().find(LAYER)).isEmpty();
    assertThat(leases.find(LAYER)).isEmpty();
  }

  @Test
  void fileThatIsGoneAlreadyIsForgotten() {
    expireLink();
    disk.blobs.clear();

    evictor.expire(LAYER);

    assertThat(catalog.blobs().find(LAYER)).isEmpty();
    assertThat(leases.find(LAYER)).isEmpty();
  }

  @Test
  void databaseThatFailsChangesNothing() {
    link(ALPINE);
    Instant lease = clock.instant().plus(TTL);
    clock.advance(TTL);
    dataSource.goDown();

    evictor.expire(LAYER);

    dataSource.comeBack();
    assertThat(leases.find(LAYER)).contains(lease);
    assertThat(catalog.links(LAYER)).hasSize(1);
    assertThat(count("entrepot.eviction.failures")).isEqualTo(1);
  }

  @Test
  void pinnedBlobIsAskedAboutAMinuteLater() {
    link(ALPINE);
    clock.advance(TTL);
    filling.add(LAYER);

    evictor.expire(LAYER);

    assertThat(catalog.links(LAYER)).hasSize(1);
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(Duration.ofMinutes(1)));
  }

  @Test
  void fillThatBeganInTheGracePinsTheBlob() {
    expireLink();
    disk.beforeRemoval = () -> filling.add(LAYER);

    evictor.expire(LAYER);

    assertThat(disk.blobs).contains(LAYER);
    assertThat(leases.find(LAYER)).isPresent();
  }
}
