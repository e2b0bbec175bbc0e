package io.entrepot.expiry;

import static io.entrepot.catalog.LinkKind.BLOB;
import static io.entrepot.routing.ExpiryPolicy.Basis.AFTER_USE;
import static java.nio.charset.StandardCharsets.UTF_8;

import io.entrepot.catalog.Catalog;
import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.fixture.TestClock;
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

/** An evictor with a database, a clock to move, and a disk that does as it is told. */
final class EvictorBench implements AutoCloseable {
  static final RepositoryName ALPINE = RepositoryName.of("library/alpine");
  static final RepositoryName OTHER = RepositoryName.of("library/other");
  static final Digest LAYER = Digest.ofBytes(Digest.Algorithm.SHA256, "layer".getBytes(UTF_8));
  static final Duration TTL = Duration.ofDays(7);
  static final Duration GRACE = Duration.ofMinutes(2);

  final TestClock clock = new TestClock();
  final FakeDisk disk = new FakeDisk();
  final Set<Digest> pinned = new HashSet<>();
  final FaultyDataSource dataSource;
  final Catalog catalog;
  final Leases leases;
  Evictor evictor;
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final TestDatabase database;

  EvictorBench(Path folder) throws Exception {
    database = TestDatabase.open(folder);
    dataSource = new FaultyDataSource(database.dataSource());
    catalog = new Catalog(dataSource, clock);
    leases = new Leases(dataSource, new Pace(1_000, System::nanoTime), meters);
    evictor = evictor(new ExpiryPolicy(TTL, AFTER_USE));
  }

  @Override
  public void close() {
    leases.close();
    database.close();
  }

  Evictor evictor(ExpiryPolicy policy) {
    return evictor(policy, GRACE);
  }

  Evictor evictor(Sources sources) {
    return evictor(sources, GRACE);
  }

  Evictor evictor(ExpiryPolicy policy, Duration grace) {
    return evictor(TestSources.keptBy(policy), grace);
  }

  private Evictor evictor(Sources sources, Duration grace) {
    ExpiryRules rules = new ExpiryRules(sources, List.of(), grace);
    return new Evictor(catalog, leases, disk, pinned::contains, rules, clock, meters);
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
}
