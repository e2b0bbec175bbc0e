package io.entrepot.boot;

import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Scrub;
import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.cache.blobs.InFlightBlobs;
import io.entrepot.catalog.Catalog;
import io.entrepot.config.Settings;
import io.entrepot.expiry.Evictor;
import io.entrepot.expiry.Leases;
import io.entrepot.expiry.Reconciler;
import io.entrepot.expiry.Retention;
import io.entrepot.expiry.quartz.QuartzLeases;
import io.entrepot.migration.Migration;
import io.entrepot.routing.Sources;
import io.entrepot.spool.DataFolder;
import io.entrepot.spool.Spool;
import io.entrepot.store.BlobStore;
import io.entrepot.threads.Pace;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.concurrent.ThreadFactory;
import javax.sql.DataSource;

/**
 * What one cache keeps on its machine: the spool, the store, the catalog and the leases, and what
 * keeps them in line.
 */
final class LocalStorage implements AutoCloseable {
  /** How often is looked for what must be mended, swept or verified: none of it is urgent. */
  private static final Duration CHORE_INTERVAL = Duration.ofHours(1);

  private final Closing closing = new Closing();
  private final Settings settings;
  private final Threads threads;
  private final Spool spool;
  private final Catalog catalog;
  private final Leases leases;
  private final Evictor evictor;
  private final LocalContent content;
  private final Scrub scrub;
  private final Chores chores;

  /**
   * Opens the folder and the database.
   *
   * @param given what may be the server's: the database, threads
   * @param inFlight what must not be evicted, since it is being filled
   * @throws StartException when something that nothing works without cannot be had
   */
  LocalStorage(
      Settings settings,
      Given given,
      Sources sources,
      InFlightBlobs inFlight,
      MeterRegistry meters,
      Clock clock) {
    this.settings = settings;
    this.threads = given.threads();
    Settings.Storage storage = settings.storage();
    try {
      DataFolder folder = closing.add(ServerResources.folder(storage));
      spool = ServerResources.spool(storage, folder, threads.syncs());
      BlobStore store = ServerResources.store(storage, folder, spool);
      DataSource dataSource = ServerResources.database(settings, given.naming(), closing);
      catalog = closing.add(new Catalog(dataSource, clock));
      Pace pace = new Pace(settings.expiry().maxPerSecond(), System::nanoTime);
      leases = closing.add(new QuartzLeases(dataSource, pace, meters, given.factory()));
      Retention retention = new Retention(sources, settings.expiry().pins(), storage.unlinkGrace());
      evictor =
          new Evictor(
              catalog, leases, store::removeUnless, inFlight::contains, retention, clock, meters);
      UnindexedBlobs unindexed = new UnindexedBlobs(store, catalog, clock);
      content = new LocalContent(store, catalog, unindexed, evictor, storage.verifyAfter(), clock);
      Scrub.Rest rest = Scrub.Rest.atRate(Math.max(1, storage.scrubRate()));
      scrub =
          new Scrub(
              catalog, content, () -> inFlight.size() > 0, storage.verifyAfter(), rest, clock);
      Reconciler reconciler =
          closing.add(new Reconciler(catalog, leases, retention), Reconciler::stop);
      chores = new Chores(unindexed, reconciler, spool);
    } catch (RuntimeException e) {
      closing.close();
      throw e;
    }
  }

  /**
   * What is there before the storage.
   *
   * @param naming gives what the server has bound in JNDI
   * @param factory makes threads
   */
  record Given(Naming naming, ThreadFactory factory, Threads threads) {}

  /**
   * Sets to work what works by itself: expiry, and what mends, sweeps and verifies. Takes over
   * another registry's cache first, where that is configured.
   */
  void start() {
    migrate();
    leases.start(evictor::expire);
    leases.every("mend", CHORE_INTERVAL, () -> threads.questions().execute(chores::mend));
    leases.every("sweep", CHORE_INTERVAL, () -> threads.questions().execute(chores::sweep));
    if (settings.storage().scrubRate() > 0 && !settings.storage().verifyAfter().isZero()) {
      leases.every("scrub", CHORE_INTERVAL, () -> threads.scrub().execute(scrub));
    }
  }

  private void migrate() {
    settings
        .importDirectory()
        .ifPresent(
            folder -> {
              try {
                new Migration(folder, content, spool).run();
              } catch (IOException | RuntimeException e) {
                throw new StartException("import.dir: " + e.getMessage(), e);
              }
            });
  }

  Spool spool() {
    return spool;
  }

  Catalog catalog() {
    return catalog;
  }

  Leases leases() {
    return leases;
  }

  Evictor evictor() {
    return evictor;
  }

  LocalContent content() {
    return content;
  }

  Scrub scrub() {
    return scrub;
  }

  @Override
  public void close() {
    closing.close();
  }
}
