package io.entrepot.boot;

import io.entrepot.cache.UnindexedBlobs;
import io.entrepot.cache.UnreadManifests;
import io.entrepot.expiry.Reconciler;
import io.entrepot.spool.Spool;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The periodic tasks that repair and clean the cache. No client waits for them. Thread-safe. */
final class Chores {
  private static final Logger log = LoggerFactory.getLogger(Chores.class);

  private final UnindexedBlobs unindexed;
  private final UnreadManifests unread;
  private final Reconciler reconciler;
  private final Spool spool;
  private final ReentrantLock mending = new ReentrantLock();
  private volatile boolean leasesConsistent;
  private volatile boolean manifestsRead;

  Chores(UnindexedBlobs unindexed, UnreadManifests unread, Reconciler reconciler, Spool spool) {
    this.unindexed = unindexed;
    this.unread = unread;
    this.reconciler = reconciler;
    this.spool = spool;
  }

  /**
   * Makes store, catalog and leases consistent again. A crash, or a failure of the database since
   * the start, may have made them differ.
   */
  void mend() {
    if (!mending.tryLock()) {
      return;
    }
    try {
      mendAll();
    } finally {
      mending.unlock();
    }
  }

  /** As {@link #mend}, but waits for one that runs. */
  void mendNow() throws InterruptedException {
    mending.lockInterruptibly();
    try {
      mendAll();
    } finally {
      mending.unlock();
    }
  }

  /** As {@link #mend}, and looks at all leases. Waits for one that runs. */
  void mendLeases() {
    mending.lock();
    try {
      leasesConsistent = false;
      mendAll();
    } finally {
      mending.unlock();
    }
  }

  private void mendAll() {
    try {
      adopt();
      if (!leasesConsistent || reconciler.hasLost()) {
        reconciler.run();
        leasesConsistent = true;
      }
      readManifests();
    } catch (IOException | RuntimeException e) {
      log.error(
          "Store, catalog and leases could not be made consistent; the next attempt is in an hour",
          e);
    }
  }

  private void adopt() throws IOException {
    if (unindexed.areSuspected()) {
      leasesConsistent = false;
      manifestsRead = false;
      unindexed.adopt();
    }
  }

  private void readManifests() throws IOException {
    if (!manifestsRead) {
      unread.readAll();
      manifestsRead = true;
    }
  }

  /**
   * Makes sure that the catalog knows all that is stored, and what lists what. Waits for a {@link
   * #mend} that runs.
   */
  void indexAll() throws IOException, InterruptedException {
    mending.lockInterruptibly();
    try {
      adopt();
      readManifests();
    } finally {
      mending.unlock();
    }
  }

  /** Deletes files of broken fills that will not be continued. */
  void sweep() {
    try {
      spool.sweepBroken();
    } catch (IOException e) {
      log.warn("The spool could not be cleaned; the next attempt is in an hour", e);
    }
  }
}
