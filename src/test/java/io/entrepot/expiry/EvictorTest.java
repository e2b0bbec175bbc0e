package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_FETCH;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_USE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Link;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What becomes of a lease that runs out, also when the clock jumps (F20). */
class EvictorTest extends ExpiryFixture {
  @Test
  void linkedDigestIsLeasedForTheTtl() {
    link(ALPINE);

    assertThat(leases.find(LAYER)).contains(clock.instant().plus(TTL));
  }

  @Test
  void laterLinkLeavesTheEarlierLease() {
    link(ALPINE);
    Instant first = clock.instant().plus(TTL);
    clock.advance(Duration.ofDays(1));

    link(OTHER);

    assertThat(leases.find(LAYER)).contains(first);
  }

  @Test
  void blobGoesInTwoSteps() {
    link(ALPINE);
    clock.advance(TTL);

    evictor.expire(LAYER);
    assertThat(catalog.links(LAYER)).isEmpty();
    assertThat(disk.blobs).contains(LAYER);
    assertThat(catalog.blobs().find(LAYER)).isPresent();
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(GRACE));

    clock.advance(GRACE);
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
    assertThat(catalog.blobs().find(LAYER)).isEmpty();
    assertThat(leases.find(LAYER)).isEmpty();
    assertThat(count("entrepot.evictions")).isEqualTo(1);
    assertThat(count("entrepot.evicted")).isEqualTo(1_000);
  }

  @Test
  void usedBlobIsRenewedToItsLastUse() {
    link(ALPINE);
    clock.advance(Duration.ofDays(5));
    catalog.use(ALPINE, LAYER, BLOB);
    Instant used = clock.instant();
    clock.advance(Duration.ofDays(2));

    evictor.expire(LAYER);

    assertThat(catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
    assertThat(leases.find(LAYER)).contains(used.plus(TTL));
    assertThat(count("entrepot.lease.renewals")).isEqualTo(1);
  }

  @Test
  void useDoesNotCountAfterFetch() {
    evictor = evictor(new ExpiryPolicy(TTL, AFTER_FETCH));
    link(ALPINE);
    clock.advance(TTL);
    catalog.use(ALPINE, LAYER, BLOB);

    evictor.expire(LAYER);

    assertThat(catalog.links(LAYER)).isEmpty();
  }

  @Test
  void newFetchCountsAfterFetch() {
    evictor = evictor(new ExpiryPolicy(TTL, AFTER_FETCH));
    link(ALPINE);
    clock.advance(Duration.ofDays(3));
    link(ALPINE);
    Instant fetched = clock.instant();
    clock.advance(Duration.ofDays(4));

    evictor.expire(LAYER);

    assertThat(leases.find(LAYER)).contains(fetched.plus(TTL));
  }

  @Test
  void sharedBlobGoesOnlyWithItsLastLiveLink() {
    link(ALPINE);
    clock.advance(Duration.ofDays(4));
    link(OTHER);
    Instant other = clock.instant();
    clock.advance(Duration.ofDays(3));

    evictor.expire(LAYER);
    assertThat(catalog.links(LAYER)).extracting(Link::repository).containsExactly(OTHER);
    assertThat(leases.find(LAYER)).contains(other.plus(TTL));

    clock.advance(Duration.ofDays(4));
    evictor.expire(LAYER);
    assertThat(catalog.links(LAYER)).isEmpty();
    assertThat(disk.blobs).contains(LAYER);

    clock.advance(GRACE);
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
  }

  @Test
  void layerAsManifestAndAsBlobIsTwoLinks() {
    link(ALPINE);
    clock.advance(Duration.ofDays(4));
    catalog.link(ALPINE, LAYER, MANIFEST, 1_000, "application/json", clock.instant());
    clock.advance(Duration.ofDays(3));

    evictor.expire(LAYER);

    assertThat(catalog.links(LAYER)).extracting(Link::kind).containsExactly(MANIFEST);
  }

  @Test
  void nothingExpiresUnderATtlOfZero() {
    link(ALPINE);
    clock.advance(Duration.ofDays(10_000));
    evictor = evictor(new ExpiryPolicy(Duration.ZERO, AFTER_USE));

    evictor.expire(LAYER);
    evictor.linked(LAYER, List.of(ALPINE), clock.instant());

    assertThat(catalog.links(LAYER)).hasSize(1);
    assertThat(disk.blobs).contains(LAYER);
    assertThat(leases.find(LAYER)).isEmpty();
  }

  @Test
  void clockThatJumpsBackExpiresNothing() {
    link(ALPINE);
    Instant lease = clock.instant().plus(TTL);
    clock.advance(Duration.ofDays(-1));

    evictor.expire(LAYER);

    assertThat(catalog.links(LAYER)).hasSize(1);
    assertThat(leases.find(LAYER)).contains(lease);
  }

  @Test
  void triggerThatFiresAMillisecondEarlyIsNotRenewedForIt() {
    link(ALPINE);
    clock.advance(TTL.minusMillis(2));
    evictor.expire(LAYER);
    assertThat(catalog.links(LAYER)).isEmpty();
  }

  @Test
  void eachRepositoryKeepsItsBlobsAsLongAsItsUpstreamSays() {
    RepositoryName ghcr = RepositoryName.of("ghcr.io/owner/image");
    evictor =
        evictor(
            TestSources.keptBy(
                new ExpiryPolicy(TTL, AFTER_USE),
                Map.of("ghcr.io", new ExpiryPolicy(TTL.multipliedBy(3), AFTER_USE))));
    link(ALPINE);
    link(ghcr);
    clock.advance(TTL);

    evictor.expire(LAYER);

    assertThat(catalog.links(LAYER)).extracting(Link::repository).containsExactly(ghcr);
    assertThat(leases.find(LAYER)).hasValue(clock.instant().plus(TTL.multipliedBy(2)));
  }

  @Test
  void blobThatOneUpstreamKeepsForEverLosesItsLeaseWithTheLastLinkThatExpires() {
    RepositoryName ghcr = RepositoryName.of("ghcr.io/owner/image");
    evictor =
        evictor(
            TestSources.keptBy(
                new ExpiryPolicy(TTL, AFTER_USE),
                Map.of("ghcr.io", new ExpiryPolicy(Duration.ZERO, AFTER_USE))));
    link(ALPINE);
    link(ghcr);
    clock.advance(TTL);

    evictor.expire(LAYER);

    assertThat(catalog.links(LAYER)).extracting(Link::repository).containsExactly(ghcr);
    assertThat(leases.find(LAYER)).isEmpty();
  }

  @Test
  void graceLongerThanARetryIsRefused() {
    ExpiryPolicy policy = new ExpiryPolicy(TTL, AFTER_USE);
    assertThatThrownBy(() -> evictor(policy, Leases.RETRY.plusMillis(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an unlink grace of PT10M0.001S; it must be from zero to PT10M");
  }
}
