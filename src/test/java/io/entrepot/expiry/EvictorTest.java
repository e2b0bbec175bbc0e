package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.catalog.LinkKind.MANIFEST;
import static io.entrepot.expiry.ExpiryPolicy.Basis.AFTER_FETCH;
import static io.entrepot.expiry.ExpiryPolicy.Basis.AFTER_USE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.FaultyDataSource;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What becomes of a lease that runs out, also while bytes are in use or the clock jumps (F18, F20).
 */
class EvictorTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final RepositoryName OTHER = RepositoryName.of("library/other");
  private static final Digest LAYER =
      Digest.ofBytes(Digest.Algorithm.SHA256, "layer".getBytes(UTF_8));
  private static final Duration TTL = Duration.ofDays(7);
  private static final Duration GRACE = Duration.ofMinutes(2);

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final FakeDisk disk = new FakeDisk();
  private final Set<Digest> pinned = new HashSet<>();
  private TestDatabase database;
  private FaultyDataSource dataSource;
  private Catalog catalog;
  private Leases leases;
  private Evictor evictor;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    catalog = new Catalog(dataSource, clock);
    leases = new Leases(dataSource, new Pace(1_000, System::nanoTime), meters);
    evictor = evictor(new ExpiryPolicy(TTL, AFTER_USE));
  }

  @AfterEach
  void close() {
    leases.close();
    database.close();
  }

  private Evictor evictor(ExpiryPolicy policy) {
    return evictor(policy, GRACE);
  }

  private Evictor evictor(ExpiryPolicies policies) {
    return evictor(policies, GRACE);
  }

  private Evictor evictor(ExpiryPolicy policy, Duration grace) {
    return evictor(ExpiryPolicies.of(policy), grace);
  }

  private Evictor evictor(ExpiryPolicies policies, Duration grace) {
    return new Evictor(
        catalog, leases, disk, pinned::contains, policies, List.of(), grace, clock, meters);
  }

  private void link(RepositoryName repository) {
    disk.blobs.add(LAYER);
    catalog.link(repository, LAYER, BLOB, 1_000, null, clock.instant());
    evictor.linked(LAYER, List.of(repository), clock.instant());
  }

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
    assertThat(catalog.findBlob(LAYER)).isPresent();
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(GRACE));

    clock.advance(GRACE);
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
    assertThat(catalog.findBlob(LAYER)).isEmpty();
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
    assertThat(catalog.findBlob(LAYER)).isPresent();
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(Leases.RETRY));
    assertThat(count("entrepot.eviction.failures")).isEqualTo(1);

    disk.broken = false;
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
    assertThat(catalog.findBlob(LAYER)).isEmpty();
    assertThat(leases.find(LAYER)).isEmpty();
  }

  @Test
  void fileThatIsGoneAlreadyIsForgotten() {
    expireLink();
    disk.blobs.clear();

    evictor.expire(LAYER);

    assertThat(catalog.findBlob(LAYER)).isEmpty();
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
    pinned.add(LAYER);

    evictor.expire(LAYER);

    assertThat(catalog.links(LAYER)).hasSize(1);
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(Duration.ofMinutes(1)));
  }

  @Test
  void fillThatBeganInTheGracePinsTheBlob() {
    expireLink();
    disk.beforeRemoval = () -> pinned.add(LAYER);

    evictor.expire(LAYER);

    assertThat(disk.blobs).contains(LAYER);
    assertThat(leases.find(LAYER)).isPresent();
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
            new ExpiryPolicies(
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
            new ExpiryPolicies(
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

  /** Goes through the first of the two steps. */
  private void expireLink() {
    link(ALPINE);
    clock.advance(TTL);
    evictor.expire(LAYER);
    clock.advance(GRACE);
  }

  private double count(String counter) {
    return meters.get(counter).counter().count();
  }
}
