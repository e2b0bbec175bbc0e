package io.entrepot.admin;

import io.entrepot.database.DatabaseException;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A look at the database that takes longer than a scrape has. So each scrape shows what the last
 * look has found, and starts the next one in the background. Thread-safe.
 */
final class BackgroundCount<T> {
  private static final Logger log = LoggerFactory.getLogger(BackgroundCount.class);

  private final Supplier<T> look;
  private final Executor background;
  private final AtomicBoolean running = new AtomicBoolean();
  private volatile @Nullable T found;

  /**
   * Has found nothing yet.
   *
   * @param background runs the looks, one at a time
   */
  BackgroundCount(Supplier<T> look, Executor background) {
    this.look = look;
    this.background = background;
  }

  /** What was found last; null if nothing was, or if the database could not be read. */
  @Nullable T last() {
    return found;
  }

  /** Starts a look, if none is under way. */
  void again() {
    if (!running.compareAndSet(false, true)) {
      return;
    }
    try {
      background.execute(this::run);
    } catch (RejectedExecutionException e) {
      running.set(false); // the next scrape tries again
    }
  }

  private void run() {
    try {
      found = look.get();
    } catch (DatabaseException e) {
      found = null;
      log.debug("A count for the metrics failed: {}", e.getMessage());
    } finally {
      running.set(false);
    }
  }
}
