package io.entrepot.boot;

import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.catalog.Catalog;
import io.entrepot.database.EmbeddedDatabase;
import io.entrepot.expiry.quartz.QuartzLeases;
import io.entrepot.spool.DataFolder;
import java.io.IOException;
import java.time.Clock;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import javax.sql.DataSource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes up the storage folder and its database again, while the cache runs, after somebody has
 * damaged or removed them (F25, F28). What the database knew is found again as after a start
 * without a database. Thread-safe.
 */
final class DatabaseRenewal {
  private static final Logger log = LoggerFactory.getLogger(DatabaseRenewal.class);

  private final DataSource dataSource;
  private final DataFolder folder;
  private final Catalog catalog;
  private final QuartzLeases leases;
  private final UnindexedBlobs unindexed;
  private final Chores chores;
  private final Clock clock;

  DatabaseRenewal(
      OpenStorage open, QuartzLeases leases, UnindexedBlobs unindexed, Chores chores, Clock clock) {
    this.dataSource = open.dataSource();
    this.folder = open.folder();
    this.catalog = open.catalog();
    this.leases = leases;
    this.unindexed = unindexed;
    this.chores = chores;
    this.clock = clock;
  }

  /** Looks again, on one of these threads, whenever the database is found damaged. */
  void start(Executor threads) {
    EmbeddedDatabase.onDamage(
        dataSource,
        () -> {
          try {
            threads.execute(this::look);
          } catch (RejectedExecutionException e) {
            log.debug("No thread is free to make the database anew; a later look does that", e);
          }
        });
  }

  /** Looks at the folder and the database, and makes anew what is gone. Waits for the disk. */
  synchronized void look() {
    try {
      if (folder.takeUpAgain()) {
        log.warn("The storage folder was removed, and is made again");
      }
      if (EmbeddedDatabase.damage(dataSource).isPresent()) {
        renew();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException | RuntimeException e) {
      log.error("The storage folder or its database cannot be made anew; a later look tries it", e);
    }
  }

  private void renew() throws IOException, InterruptedException {
    EmbeddedDatabase.renew(
        dataSource,
        empty -> {
          Catalog.makeTables(empty, clock);
          QuartzLeases.makeTables(empty, clock);
        });
    catalog.forgetMemory();
    unindexed.suspect();
    StoreId.check(folder, catalog, true);
    leases.setUpAgain();
    log.warn("The database was made anew. What was left of the old one is in index.damaged");
    chores.mendNow();
  }
}
