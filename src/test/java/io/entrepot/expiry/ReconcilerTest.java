package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_FETCH;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_USE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.database.DatabaseException;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ReconcilerTest extends ExpiryFixture {
  private static final ExpiryPolicy WEEK = new ExpiryPolicy(Duration.ofDays(7), AFTER_USE);
  private static final ExpiryPolicy MONTH = new ExpiryPolicy(Duration.ofDays(30), AFTER_USE);
  private static final ExpiryPolicy NEVER = new ExpiryPolicy(Duration.ZERO, AFTER_USE);

  private final Instant start = clock.instant();

  private long reconcile(ExpiryPolicy policy) {
    return new Reconciler(catalog, leases, retention(policy)).run();
  }

  private static Retention retention(ExpiryPolicy policy) {
    return new Retention(TestSources.keptBy(policy), List.of(), Duration.ZERO);
  }

  @Test
  void blobWithoutALeaseGetsOne() {
    reconcile(WEEK);
    catalog.link(ALPINE, LAYER, BLOB, 1, null, start);
    leases.lease(digest("leased"), start);
    catalog.link(ALPINE, digest("leased"), BLOB, 1, null, start.plusSeconds(9));

    assertThat(reconcile(WEEK)).isEqualTo(1);

    assertThat(leases.find(LAYER)).contains(start.plus(WEEK.ttl()));
    assertThat(leases.find(digest("leased"))).contains(start);
    assertThat(reconcile(WEEK)).isZero();
  }

  @Test
  void leaseOfABlobThatIsNotThereIsDueAtOnce() {
    adoptThreeBatches();
    reconcile(WEEK);
    leases.lease(LAYER, start.plus(WEEK.ttl()));

    assertThat(reconcile(WEEK)).isEqualTo(1);

    assertThat(leases.find(LAYER).orElseThrow()).isBeforeOrEqualTo(Instant.now());
    assertThat(leasedFor(WEEK)).isEqualTo(1_200);
  }

  @Test
  void blobWithoutALinkIsLeasedFromItsAdoption() {
    catalog.blobs().adopt(LAYER, 1, start);

    reconcile(WEEK);

    assertThat(leases.find(LAYER)).contains(start.plus(WEEK.ttl()));
  }

  @Test
  void changedTtlAppliesToWhatIsLeased() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, start);
    reconcile(WEEK);

    assertThat(reconcile(MONTH)).isEqualTo(1);
    assertThat(leases.find(LAYER)).contains(start.plus(MONTH.ttl()));

    assertThat(reconcile(WEEK)).isEqualTo(1);
    assertThat(leases.find(LAYER)).contains(start.plus(WEEK.ttl()));
  }

  @Test
  void changedBasisAppliesToWhatIsLeased() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, start);
    clock.advance(Duration.ofDays(2));
    catalog.use(ALPINE, LAYER, BLOB);
    reconcile(WEEK);
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(WEEK.ttl()));

    reconcile(new ExpiryPolicy(WEEK.ttl(), AFTER_FETCH));

    assertThat(leases.find(LAYER)).contains(start.plus(WEEK.ttl()));
  }

  @Test
  void sharedBlobIsLeasedUntilItsFirstLinkExpires() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, start.plusSeconds(100));
    catalog.link(OTHER, LAYER, BLOB, 1, null, start.plusSeconds(50));

    reconcile(WEEK);

    assertThat(leases.find(LAYER)).contains(start.plusSeconds(50).plus(WEEK.ttl()));
  }

  @Test
  void ttlOfZeroLeavesNoLease() {
    catalog.link(ALPINE, LAYER, BLOB, 1, null, start);
    reconcile(WEEK);

    reconcile(NEVER);
    assertThat(leases.count()).isZero();
    assertThat(reconcile(NEVER)).isZero();

    reconcile(WEEK);
    assertThat(leases.find(LAYER)).contains(start.plus(WEEK.ttl()));
  }

  @Test
  void changeThatIsCutShortGoesOnWhereItWas() {
    adoptThreeBatches();
    reconcile(WEEK);
    changeThatFailsInItsSecondBatch(MONTH);
    assertThat(leasedFor(MONTH)).isEqualTo(500);

    assertThat(reconcile(MONTH)).isEqualTo(1_200 - 500);

    assertThat(leasedFor(MONTH)).isEqualTo(1_200);
    assertThat(reconcile(MONTH)).isZero();
  }

  @Test
  void changeThatIsCutShortAndTakenBackIsTakenBackForAll() {
    adoptThreeBatches();
    reconcile(WEEK);
    changeThatFailsInItsSecondBatch(MONTH);

    assertThat(reconcile(WEEK)).isEqualTo(1_200);

    assertThat(leasedFor(WEEK)).isEqualTo(1_200);
  }

  @Test
  void stoppedReconcilerLeavesTheRestToTheNext() {
    adoptThreeBatches();
    Reconciler stopped = new Reconciler(catalog, leases, retention(WEEK));
    stopped.stop();

    assertThat(stopped.run()).isZero();

    assertThat(reconcile(WEEK)).isEqualTo(1_200);
  }

  private void adoptThreeBatches() {
    IntStream.range(0, 1_200).forEach(i -> catalog.blobs().adopt(digest("blob " + i), 1, start));
  }

  /** One batch asks 1,000 times what is to be leased, and a few times what was done. */
  private void changeThatFailsInItsSecondBatch(ExpiryPolicy policy) {
    AtomicInteger left = new AtomicInteger(1_060);
    dataSource.before(
        () -> {
          if (left.decrementAndGet() < 0) {
            dataSource.goDown();
          }
        });
    assertThatThrownBy(() -> reconcile(policy)).isInstanceOf(DatabaseException.class);
    dataSource.before(() -> {});
    dataSource.comeBack();
  }

  private long leasedFor(ExpiryPolicy policy) {
    return IntStream.range(0, 1_200)
        .filter(
            i -> leases.find(digest("blob " + i)).orElseThrow().equals(start.plus(policy.ttl())))
        .count();
  }
}
