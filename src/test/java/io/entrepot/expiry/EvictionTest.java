package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Link;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Eviction that somebody has asked for. */
class EvictionTest {
  private static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  private static final RepositoryName OTHER = RepositoryName.of("library/other");
  private static final Digest LAYER =
      Digest.ofBytes(Digest.Algorithm.SHA256, "layer".getBytes(UTF_8));
  private static final Duration TTL = Duration.ofDays(7);
  private static final Duration GRACE = Duration.ofMinutes(2);

  @TempDir Path folder;
  private final TestClock clock = new TestClock();
  private final FakeDisk disk = new FakeDisk();
  private TestDatabase database;
  private Catalog catalog;
  private Leases leases;

  @BeforeEach
  void open() throws Exception {
    database = TestDatabase.open(folder);
    catalog = new Catalog(database.dataSource(), clock);
    Pace pace = new Pace(1_000, System::nanoTime);
    leases = new Leases(database.dataSource(), pace, new SimpleMeterRegistry());
  }

  @AfterEach
  void close() {
    leases.close();
    database.close();
  }

  private Evictor evictor(Duration ttl) {
    ExpiryRules rules =
        new ExpiryRules(
            TestSources.keptBy(new ExpiryPolicy(ttl, ExpiryPolicy.Basis.AFTER_USE)),
            List.of(),
            GRACE);
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    return new Evictor(catalog, leases, disk, digest -> false, rules, clock, meters);
  }

  private void link(Evictor evictor, RepositoryName repository) {
    disk.blobs.add(LAYER);
    catalog.link(repository, LAYER, BLOB, 1_000, null, clock.instant());
    evictor.linked(LAYER, List.of(repository), clock.instant());
  }

  private void use() {
    clock.advance(Duration.ofSeconds(1));
    catalog.use(ALPINE, LAYER, BLOB);
    catalog.flush();
  }

  @Test
  void linksGoAtOnceAndBytesAfterTheGrace() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);
    link(evictor, OTHER);

    assertThat(evictor.evict(LAYER, link -> true)).isEqualTo(2);
    assertThat(catalog.links(LAYER)).isEmpty();
    assertThat(disk.blobs).contains(LAYER);
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(GRACE));

    clock.advance(GRACE);
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
    assertThat(leases.find(LAYER)).isEmpty();
  }

  @Test
  void leaseOfTheOthersStands() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);
    link(evictor, OTHER);

    assertThat(evictor.evict(LAYER, link -> link.repository().equals(ALPINE))).isEqualTo(1);
    assertThat(catalog.links(LAYER)).extracting(Link::repository).containsExactly(OTHER);
    assertThat(leases.find(LAYER)).contains(clock.instant().plus(TTL));
  }

  @Test
  void bytesGoAlsoUnderATtlOfZero() {
    Evictor evictor = evictor(Duration.ZERO);
    link(evictor, ALPINE);

    assertThat(evictor.evict(LAYER, link -> true)).isEqualTo(1);
    clock.advance(GRACE);
    evictor.expire(LAYER);
    assertThat(disk.blobs).isEmpty();
  }

  @Test
  void linkThatIsUsedAtThatMomentGoesAllTheSame() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);
    int[] asked = new int[1];

    int gone =
        evictor.evict(
            LAYER,
            link -> {
              if (asked[0]++ == 0) {
                use();
              }
              return true;
            });

    assertThat(gone).isEqualTo(1);
    assertThat(catalog.links(LAYER)).isEmpty();
  }

  @Test
  void linkThatIsUsedAgainAndAgainStays() {
    Evictor evictor = evictor(TTL);
    link(evictor, ALPINE);

    int gone =
        evictor.evict(
            LAYER,
            link -> {
              use();
              return true;
            });

    assertThat(gone).isZero();
    assertThat(catalog.links(LAYER)).hasSize(1);
    assertThat(disk.blobs).contains(LAYER);
  }

  @Test
  void unknownDigestGetsNoLease() {
    assertThat(evictor(TTL).evict(LAYER, link -> true)).isZero();
    assertThat(leases.find(LAYER)).isEmpty();
  }
}
