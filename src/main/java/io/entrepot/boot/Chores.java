package io.entrepot.boot;

import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.expiry.Reconciler;
import io.entrepot.spool.Spool;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What brings the cache in order again and again, behind the backs of clients. Thread-safe. */
final class Chores {
  private static final Logger log = LoggerFactory.getLogger(Chores.class);

  private final UnindexedBlobs strays;
  private final Reconciler reconciler;
  private final Spool spool;
  private final ReentrantLock mending = new ReentrantLock();
  private volatile boolean leasesInLine;

  Chores(UnindexedBlobs strays, Reconciler reconciler, Spool spool) {
    this.strays = strays;
    this.reconciler = reconciler;
    this.spool = spool;
  }

  /**
   * Brings store, catalog and leases in line: since the start, a crash or a failure of the database
   * may have parted them.
   */
  void mend() {
    if (!mending.tryLock()) {
      return;
    }
    try {
      if (strays.areSuspected()) {
        leasesInLine = false;
        strays.adopt();
      }
      if (!leasesInLine || reconciler.hasLost()) {
        reconciler.run();
        leasesInLine = true;
      }
    } catch (IOException | RuntimeException e) {
      log.error("Store, catalog and leases are not in line; the next hour tries again", e);
    } finally {
      mending.unlock();
    }
  }

  /** Deletes what fills have left that nobody will go on with. */
  void sweep() {
    try {
      spool.sweepBroken();
    } catch (IOException e) {
      log.warn("The spool cannot be swept; the next hour tries again", e);
    }
  }
}
