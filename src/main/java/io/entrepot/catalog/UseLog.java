package io.entrepot.catalog;

import io.entrepot.database.Database;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/**
 * The last use of each link, noted in memory and written down now and then. Safe for concurrent
 * use.
 */
final class UseLog {
  private final Database database;
  private final int max;
  private final Map<LinkKey, Long> uses = new ConcurrentHashMap<>();
  private final ReentrantLock flushing = new ReentrantLock();

  /**
   * Begins empty.
   *
   * @param max how many links at most between two flushes; a use of one more goes unnoted, which
   *     costs a fetch at worst
   */
  UseLog(Database database, int max) {
    this.database = database;
    this.max = max;
  }

  /** Notes a use. Never waits. */
  void note(LinkKey key, long now) {
    if (uses.size() < max || uses.containsKey(key)) {
      uses.merge(key, now, Math::max);
    }
  }

  /** Writes what was noted so far; where that fails, the next flush writes it. */
  void flush() {
    flushing.lock();
    try {
      Map<LinkKey, Long> drained = drain();
      if (!drained.isEmpty()) {
        write(drained);
      }
    } finally {
      flushing.unlock();
    }
  }

  /** Takes out what was noted so far. */
  Map<LinkKey, Long> drain() {
    Map<LinkKey, Long> drained = new HashMap<>();
    uses.forEach(
        (key, at) -> {
          if (uses.remove(key, at)) {
            drained.put(key, at);
          }
        });
    return drained;
  }

  private void write(Map<LinkKey, Long> drained) {
    boolean written = false;
    try {
      database.write(
          "writing down the use of " + drained.size() + " links",
          session -> {
            UseTable.put(session, drained);
            return true;
          });
      written = true;
    } finally {
      if (!written) {
        drained.forEach(this::note);
      }
    }
  }
}
