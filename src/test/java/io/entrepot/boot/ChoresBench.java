package io.entrepot.boot;

import io.entrepot.cache.LocalContent;
import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.cache.UnreadManifests;
import io.entrepot.catalog.Catalog;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Reconciler;
import io.entrepot.expiry.Retention;
import io.entrepot.expiry.quartz.TestLeases;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import io.entrepot.spool.Rooms;
import io.entrepot.store.BlobStore;
import io.entrepot.store.file.TestStore;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/** A store, a catalog and leases on one database, and the chores that keep them consistent. */
final class ChoresBench implements AutoCloseable {
  static final Duration TTL = Duration.ofDays(7);

  final Catalog catalog;
  final Leases leases;
  final Evictor evictor;
  final LocalContent content;
  final Chores chores;
  private final TestStore files;
  private final BlobStore store;

  ChoresBench(DataSource dataSource, Path data) throws IOException {
    Clock clock = Clock.systemUTC();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    Retention retention =
        new Retention(
            TestSources.keptBy(new ExpiryPolicy(TTL, ExpiryPolicy.Basis.AFTER_USE)),
            List.of(),
            Duration.ZERO);
    files = TestStore.open(data);
    store = files.store();
    catalog = new Catalog(dataSource, MemoryBudget.ofHeap(), clock);
    leases = TestLeases.open(dataSource, 100, meters);
    evictor =
        new Evictor(
            catalog, leases, store::removeUnless, digest -> false, retention, clock, meters);
    UnindexedBlobs unindexed = new UnindexedBlobs(store, catalog, clock);
    content =
        new LocalContent(
            store, catalog, unindexed, evictor, Rooms.NONE, Duration.ofDays(30), clock);
    chores =
        new Chores(
            unindexed,
            new UnreadManifests(files.store(), catalog),
            new Reconciler(catalog, leases, retention),
            files.spool());
    chores.mend();
  }

  @Override
  public void close() throws IOException {
    leases.close();
    files.close();
  }
}
