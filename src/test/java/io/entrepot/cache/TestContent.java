package io.entrepot.cache;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.LinkKind;
import io.entrepot.database.FaultyDataSource;
import io.entrepot.database.TestDatabase;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Retention;
import io.entrepot.expiry.quartz.QuartzLeases;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.ExpiryPolicy;
import io.entrepot.routing.TestSources;
import io.entrepot.spool.Rooms;
import io.entrepot.store.file.TestStore;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import javax.sql.DataSource;

/**
 * Local content for tests: a store in files, a catalog on a database that records its statements,
 * and no expiry.
 */
public final class TestContent implements AutoCloseable {
  /** The statements that were sent to the database. */
  public final DatabaseLog log = new DatabaseLog();

  /** The database, which can be made to fail. */
  public final FaultyDataSource database;

  public final TestStore files;
  public final UnindexedBlobs unindexed;
  public final LocalContent content;

  /** The clock that is read when a client uses content that it has found. */
  public final HookedClock uses;

  private final TestDatabase tables;
  private final DataSource dataSource;
  private final Catalog catalog;
  private final Leases leases;
  private final Clock clock;

  private TestContent(TestStore files, TestDatabase tables, Duration verifyAfter, Clock clock) {
    this.files = files;
    this.tables = tables;
    this.clock = clock;
    database = new FaultyDataSource(tables.dataSource());
    dataSource = log.watch(database);
    uses = new HookedClock(clock);
    catalog = new Catalog(dataSource, MemoryBudget.ofHeap(), uses);
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    leases =
        new QuartzLeases(tables.dataSource(), new Pace(100, System::nanoTime), meters, Thread::new);
    ExpiryPolicy forEver = new ExpiryPolicy(Duration.ZERO, ExpiryPolicy.Basis.AFTER_USE);
    Evictor evictor =
        new Evictor(
            catalog,
            leases,
            files.store()::removeUnless,
            digest -> false,
            new Retention(TestSources.keptBy(forEver), List.of(), Duration.ZERO),
            clock,
            meters);
    unindexed = new UnindexedBlobs(files.store(), catalog, clock);
    content =
        new LocalContent(
            files.store(), catalog, unindexed, evictor, Rooms.NONE, verifyAfter, clock);
    log.clear();
  }

  /**
   * Opens empty content in a folder.
   *
   * @param verifyAfter after how long a blob is verified again before it is served; zero for never
   * @param reserve how many bytes of the disk must stay free
   */
  public static TestContent open(Path folder, Duration verifyAfter, long reserve, Clock clock)
      throws IOException, SQLException {
    return open(folder, verifyAfter, TestStore.open(folder.resolve("data"), reserve, true), clock);
  }

  /** Opens empty content whose files are in a store. */
  public static TestContent open(Path folder, Duration verifyAfter, TestStore files, Clock clock)
      throws IOException, SQLException {
    TestDatabase tables = TestDatabase.open(Files.createDirectories(folder.resolve("database")));
    return new TestContent(files, tables, verifyAfter, clock);
  }

  /** A second catalog on the same tables, with nothing in memory, as after a restart. */
  public Catalog fromTheTables() {
    Catalog other = new Catalog(tables.dataSource(), MemoryBudget.ofHeap(), clock);
    return other;
  }

  /** Stores and links a blob. The link is in the database, but not in memory. */
  public void putUnknownToMemory(RepositoryName repository, Digest digest, byte[] bytes) {
    putBytes(digest, bytes);
    fromTheTables().link(repository, digest, LinkKind.BLOB, bytes.length, null, clock.instant());
  }

  /** Stores bytes without a link. */
  public void putBytes(Digest digest, byte[] bytes) {
    try {
      files.store().put(digest, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes bytes, but not their links. */
  public void removeBytes(Digest digest) {
    try {
      files.store().removeUnless(digest, () -> false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Evicts a blob: its links and its bytes are removed. */
  public void evict(Digest digest) {
    catalog.links(digest).forEach(catalog::unlink);
    removeBytes(digest);
  }

  /** Changes bytes of a stored blob directly in its file. */
  public void damage(Digest digest, byte[] bytes) {
    try {
      Path file = files.store().find(digest).orElseThrow().localFile().orElseThrow();
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    database.comeBack();
    leases.close();
    tables.close();
    files.close();
  }
}
