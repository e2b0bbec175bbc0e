package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static io.entrepot.expiry.EvictorBench.ALPINE;
import static io.entrepot.expiry.EvictorBench.GRACE;
import static io.entrepot.expiry.EvictorBench.LAYER;
import static io.entrepot.expiry.EvictorBench.OTHER;
import static io.entrepot.expiry.EvictorBench.TTL;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_FETCH;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_USE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Link;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a lease that runs out, also when the clock jumps (F20). */
class EvictorTest {
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
  void linkedDigestIsLeasedForTheTtl() {
    bench.link(ALPINE);

    assertThat(bench.leases.find(LAYER)).contains(bench.clock.instant().plus(TTL));
  }

  @Test
  void laterLinkLeavesTheEarlierLease() {
    bench.link(ALPINE);
    Instant first = bench.clock.instant().plus(TTL);
    bench.clock.advance(Duration.ofDays(1));

    bench.link(OTHER);

    assertThat(bench.leases.find(LAYER)).contains(first);
  }

  @Test
  void blobGoesInTwoSteps() {
    bench.link(ALPINE);
    bench.clock.advance(TTL);

    bench.evictor.expire(LAYER);
    assertThat(bench.catalog.links(LAYER)).isEmpty();
    assertThat(bench.disk.blobs).contains(LAYER);
    assertThat(bench.catalog.findBlob(LAYER)).isPresent();
    assertThat(bench.leases.find(LAYER)).contains(bench.clock.instant().plus(GRACE));

    bench.clock.advance(GRACE);
    bench.evictor.expire(LAYER);
    assertThat(bench.disk.blobs).isEmpty();
    assertThat(bench.catalog.findBlob(LAYER)).isEmpty();
    assertThat(bench.leases.find(LAYER)).isEmpty();
    assertThat(bench.count("entrepot.evictions")).isEqualTo(1);
    assertThat(bench.count("entrepot.evicted")).isEqualTo(1_000);
  }

  @Test
  void usedBlobIsRenewedToItsLastUse() {
    bench.link(ALPINE);
    bench.clock.advance(Duration.ofDays(5));
    bench.catalog.use(ALPINE, LAYER, BLOB);
    Instant used = bench.clock.instant();
    bench.clock.advance(Duration.ofDays(2));

    bench.evictor.expire(LAYER);

    assertThat(bench.catalog.findLink(ALPINE, LAYER, BLOB)).isPresent();
    assertThat(bench.leases.find(LAYER)).contains(used.plus(TTL));
    assertThat(bench.count("entrepot.lease.renewals")).isEqualTo(1);
  }

  @Test
  void useDoesNotCountAfterFetch() {
    bench.evictor = bench.evictor(new ExpiryPolicy(TTL, AFTER_FETCH));
    bench.link(ALPINE);
    bench.clock.advance(TTL);
    bench.catalog.use(ALPINE, LAYER, BLOB);

    bench.evictor.expire(LAYER);

    assertThat(bench.catalog.links(LAYER)).isEmpty();
  }

  @Test
  void newFetchCountsAfterFetch() {
    bench.evictor = bench.evictor(new ExpiryPolicy(TTL, AFTER_FETCH));
    bench.link(ALPINE);
    bench.clock.advance(Duration.ofDays(3));
    bench.link(ALPINE);
    Instant fetched = bench.clock.instant();
    bench.clock.advance(Duration.ofDays(4));

    bench.evictor.expire(LAYER);

    assertThat(bench.leases.find(LAYER)).contains(fetched.plus(TTL));
  }

  @Test
  void sharedBlobGoesOnlyWithItsLastLiveLink() {
    bench.link(ALPINE);
    bench.clock.advance(Duration.ofDays(4));
    bench.link(OTHER);
    Instant other = bench.clock.instant();
    bench.clock.advance(Duration.ofDays(3));

    bench.evictor.expire(LAYER);
    assertThat(bench.catalog.links(LAYER)).extracting(Link::repository).containsExactly(OTHER);
    assertThat(bench.leases.find(LAYER)).contains(other.plus(TTL));

    bench.clock.advance(Duration.ofDays(4));
    bench.evictor.expire(LAYER);
    assertThat(bench.catalog.links(LAYER)).isEmpty();
    assertThat(bench.disk.blobs).contains(LAYER);

    bench.clock.advance(GRACE);
    bench.evictor.expire(LAYER);
    assertThat(bench.disk.blobs).isEmpty();
  }

  @Test
  void layerAsManifestAndAsBlobIsTwoLinks() {
    bench.link(ALPINE);
    bench.clock.advance(Duration.ofDays(4));
    bench.catalog.link(ALPINE, LAYER, MANIFEST, 1_000, "application/json", bench.clock.instant());
    bench.clock.advance(Duration.ofDays(3));

    bench.evictor.expire(LAYER);

    assertThat(bench.catalog.links(LAYER)).extracting(Link::kind).containsExactly(MANIFEST);
  }

  @Test
  void nothingExpiresUnderATtlOfZero() {
    bench.link(ALPINE);
    bench.clock.advance(Duration.ofDays(10_000));
    bench.evictor = bench.evictor(new ExpiryPolicy(Duration.ZERO, AFTER_USE));

    bench.evictor.expire(LAYER);
    bench.evictor.linked(LAYER, List.of(ALPINE), bench.clock.instant());

    assertThat(bench.catalog.links(LAYER)).hasSize(1);
    assertThat(bench.disk.blobs).contains(LAYER);
    assertThat(bench.leases.find(LAYER)).isEmpty();
  }

  @Test
  void clockThatJumpsBackExpiresNothing() {
    bench.link(ALPINE);
    Instant lease = bench.clock.instant().plus(TTL);
    bench.clock.advance(Duration.ofDays(-1));

    bench.evictor.expire(LAYER);

    assertThat(bench.catalog.links(LAYER)).hasSize(1);
    assertThat(bench.leases.find(LAYER)).contains(lease);
  }

  @Test
  void triggerThatFiresAMillisecondEarlyIsNotRenewedForIt() {
    bench.link(ALPINE);
    bench.clock.advance(TTL.minusMillis(2));
    bench.evictor.expire(LAYER);
    assertThat(bench.catalog.links(LAYER)).isEmpty();
  }

  @Test
  void eachRepositoryKeepsItsBlobsAsLongAsItsUpstreamSays() {
    RepositoryName ghcr = RepositoryName.of("ghcr.io/owner/image");
    bench.evictor =
        bench.evictor(
            TestSources.keptBy(
                new ExpiryPolicy(TTL, AFTER_USE),
                Map.of("ghcr.io", new ExpiryPolicy(TTL.multipliedBy(3), AFTER_USE))));
    bench.link(ALPINE);
    bench.link(ghcr);
    bench.clock.advance(TTL);

    bench.evictor.expire(LAYER);

    assertThat(bench.catalog.links(LAYER)).extracting(Link::repository).containsExactly(ghcr);
    assertThat(bench.leases.find(LAYER)).hasValue(bench.clock.instant().plus(TTL.multipliedBy(2)));
  }

  @Test
  void blobThatOneUpstreamKeepsForEverLosesItsLeaseWithTheLastLinkThatExpires() {
    RepositoryName ghcr = RepositoryName.of("ghcr.io/owner/image");
    bench.evictor =
        bench.evictor(
            TestSources.keptBy(
                new ExpiryPolicy(TTL, AFTER_USE),
                Map.of("ghcr.io", new ExpiryPolicy(Duration.ZERO, AFTER_USE))));
    bench.link(ALPINE);
    bench.link(ghcr);
    bench.clock.advance(TTL);

    bench.evictor.expire(LAYER);

    assertThat(bench.catalog.links(LAYER)).extracting(Link::repository).containsExactly(ghcr);
    assertThat(bench.leases.find(LAYER)).isEmpty();
  }

  @Test
  void graceLongerThanARetryIsRefused() {
    ExpiryPolicy policy = new ExpiryPolicy(TTL, AFTER_USE);
    assertThatThrownBy(() -> bench.evictor(policy, Leases.RETRY.plusMillis(1)))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("an unlink grace of PT10M0.001S; it must be from zero to PT10M");
  }
}
