package io.entrepot.cache.blobs;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Which servers of an upstream send parts of blobs as they are asked to. Its mirrors and the hosts
 * to which it redirects are servers of their own. One has shown that by a right answer to a range.
 * After a wrong one, the blobs that it sends are fetched by one stream each for a while.
 * Thread-safe. Its monitor is innermost.
 */
final class RangeMemory {
  /** How long a wrong answer is remembered. A server is seldom mended sooner. */
  static final Duration REFUSED = Duration.ofHours(1);

  /** An upstream can redirect to any number of hosts. The one that was new first is forgotten. */
  private static final int MAX_SERVERS = 64;

  private static final Logger log = LoggerFactory.getLogger(RangeMemory.class);

  private final String upstream;
  private final Clock clock;
  private final Map<String, Boolean> shown = new Servers<>();
  private final Map<String, Instant> refusedUntil = new Servers<>();
  private String latest = "";

  /** Knows nothing yet of an upstream. */
  RangeMemory(String upstream, Clock clock) {
    this.upstream = upstream;
    this.clock = clock;
  }

  private static final class Servers<V> extends LinkedHashMap<String, V> {
    private static final long serialVersionUID = 1L;

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, V> eldest) {
      return size() > MAX_SERVERS;
    }
  }

  /** The server that has answered last. The next blob probably comes from there too. */
  synchronized String latest() {
    return latest;
  }

  synchronized void answered(String server) {
    latest = server;
  }

  /** Whether a server may be asked for parts: it has given no wrong answer lately. */
  synchronized boolean isPossible(String server) {
    Instant until = refusedUntil.get(server);
    return until == null || !clock.instant().isBefore(until);
  }

  /** Whether a server has sent a part as asked, and no wrong one lately. */
  synchronized boolean isShown(String server) {
    return shown.containsKey(server) && isPossible(server);
  }

  synchronized void shown(String server) {
    shown.put(server, true);
  }

  void refused(String server, String why) {
    if (forget(server)) {
      log.info(
          "Blobs of {} that {} sends are fetched by one stream each for {} minutes: {}",
          upstream,
          server,
          REFUSED.toMinutes(),
          why);
    }
  }

  /** Returns whether that is news. */
  private synchronized boolean forget(String server) {
    boolean news = isPossible(server);
    shown.remove(server);
    refusedUntil.put(server, clock.instant().plus(REFUSED));
    return news;
  }
}
