package io.entrepot.catalog;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The last use of each link since it was last written down; bounded, never blocks. Safe for
 * concurrent use.
 */
final class UseLog {
  private final Map<LinkKey, Long> uses = new ConcurrentHashMap<>();
  private final int max;

  /**
   * Begins empty.
   *
   * @param max how many links at most; a use of one more goes unnoted, which costs a fetch at worst
   */
  UseLog(int max) {
    this.max = max;
  }

  void note(LinkKey key, long now) {
    if (uses.size() < max || uses.containsKey(key)) {
      uses.merge(key, now, Math::max);
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
}
