package io.entrepot.catalog;

import io.entrepot.database.Database;
import io.entrepot.memory.Allowance;
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
  private final Allowance allowance;
  private final Map<LinkKey, Long> uses = new ConcurrentHashMap<>();
  private final ReentrantLock flushing = new ReentrantLock();

  /**
   * Begins empty.
   *
   * @param allowance for the links between two flushes; a use of one more goes unnoted, which costs
   *     a fetch at worst
   */
  UseLog(Database database, Allowance allowance) {
    this.database = database;
    this.allowance = allowance;
  }

  /** Notes a use. Never waits. */
  void note(LinkKey key, long now) {
    boolean isNoted = uses.computeIfPresent(key, (same, at) -> Math.max(at, now)) != null;
    if (!isNoted && allowance.take(key.weight()) && uses.putIfAbsent(key, now) != null) {
      allowance.giveBack(key.weight()); // another thread was faster
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
            allowance.giveBack(key.weight());
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
