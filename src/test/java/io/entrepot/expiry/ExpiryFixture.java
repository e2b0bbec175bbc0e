package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_USE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.catalog.Catalog;
import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.expiry.quartz.TestLeases;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.Sources;
import io.entrepot.routing.TestSources;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/**
 * The set-up of a test of expiry: a catalog and leases in one database, an evictor, a clock to
 * move, and a disk that does as it is told.
 */
abstract class ExpiryFixture {
  static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  static final RepositoryName OTHER = RepositoryName.of("library/other");
  static final Digest LAYER = digest("layer");
  static final Duration TTL = Duration.ofDays(7);
  static final Duration GRACE = Duration.ofMinutes(2);

  @TempDir Path folder;
  final TestClock clock = new TestClock();
  final FakeDisk disk = new FakeDisk();
  final Set<Digest> filling = new HashSet<>();
  FaultyDataSource dataSource;
  Catalog catalog;
  Leases leases;
  Evictor evictor;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private TestDatabase database;

  @BeforeEach
  final void openDatabase() throws Exception {
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    catalog = new Catalog(dataSource, MemoryBudget.ofHeap(), clock);
    leases = TestLeases.open(dataSource, 1_000, meters);
    evictor = evictor(new ExpiryPolicy(TTL, AFTER_USE));
  }

  @AfterEach
  final void closeDatabase() {
    leases.close();
    database.close();
  }

  Evictor evictor(ExpiryPolicy policy) {
    return evictor(TestSources.keptBy(policy));
  }

  Evictor evictor(Sources sources) {
    return evictor(new Retention(sources, List.of(), GRACE));
  }

  Evictor evictor(ExpiryPolicy policy, Duration grace) {
    return evictor(new Retention(TestSources.keptBy(policy), List.of(), grace));
  }

  Evictor evictor(Retention retention) {
    return new Evictor(catalog, leases, disk, filling::contains, retention, clock, meters);
  }

  void link(RepositoryName repository) {
    disk.blobs.add(LAYER);
    catalog.link(repository, LAYER, BLOB, 1_000, null, clock.instant());
    evictor.linked(LAYER, List.of(repository), clock.instant());
  }

  /** Goes through the first of the two steps. */
  void expireLink() {
    link(ALPINE);
    clock.advance(TTL);
    evictor.expire(LAYER);
    clock.advance(GRACE);
  }

  double count(String counter) {
    return meters.get(counter).counter().count();
  }

  static Digest digest(String content) {
    return Digest.ofBytes(Digest.Algorithm.SHA256, content.getBytes(UTF_8));
  }
}
