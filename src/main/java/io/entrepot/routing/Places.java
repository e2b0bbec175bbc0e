package io.entrepot.routing;

import java.util.HashMap;
import java.util.Map;

/**
 * The places for jobs that run at once, and who has them. A client gets a share at most, but always
 * one for each upstream, so that a slow upstream does not keep it from another. An upstream gets no
 * place that another upstream may need, see {@link #leavesEnough}. Used under the monitor of {@link
 * FairThreads}.
 */
final class Places {
  private final int all;
  private final int perClient;

  /** So many places in all are kept for upstreams that have few. */
  private final int kept;

  /** So many places each upstream can have, whatever the others do. */
  private final int perUpstream;

  private final int upstreams;
  private final Map<Party, Integer> ofParties = new HashMap<>();
  private final Map<String, Integer> ofClients = new HashMap<>();
  private final Map<String, Integer> ofUpstreams = new HashMap<>();
  private int taken;

  /** Who has places: a client for an upstream. */
  record Party(String client, String upstream) {}

  /**
   * Makes free places.
   *
   * @param all how many, 1 or more
   * @param perClient the share of a client, 1 or more
   * @param upstreams the number of upstreams, 1 or more
   */
  Places(int all, int perClient, int upstreams) {
    this.all = all;
    this.perClient = perClient;
    this.upstreams = upstreams;
    kept = upstreams == 1 ? 0 : Math.min(all - 1, Math.max(1, all / 4));
    perUpstream = upstreams == 1 ? all : Math.max(1, kept / (upstreams - 1));
  }

  int taken() {
    return taken;
  }

  int all() {
    return all;
  }

  int ofClient(String client) {
    return ofClients.getOrDefault(client, 0);
  }

  int ofUpstream(String upstream) {
    return ofUpstreams.getOrDefault(upstream, 0);
  }

  void take(Party party) {
    taken++;
    ofParties.merge(party, 1, Integer::sum);
    ofClients.merge(party.client(), 1, Integer::sum);
    ofUpstreams.merge(party.upstream(), 1, Integer::sum);
  }

  void leave(Party party) {
    taken--;
    subtract(ofParties, party);
    subtract(ofClients, party.client());
    subtract(ofUpstreams, party.upstream());
  }

  private static <K> void subtract(Map<K, Integer> counts, K key) {
    counts.computeIfPresent(key, (k, n) -> n == 1 ? null : n - 1);
  }

  /** Whether one more job may have a place. */
  boolean isFreeFor(Party party) {
    boolean withinShare = ofClient(party.client()) < perClient || !ofParties.containsKey(party);
    return taken < all && withinShare && leavesEnough(party.upstream());
  }

  /**
   * Whether enough places stay free for the other upstreams. Each can always have {@code
   * perUpstream} of them, as far as {@code kept} reaches. So upstreams that are slow leave places
   * for the others.
   */
  private boolean leavesEnough(String upstream) {
    if (ofUpstream(upstream) < perUpstream) {
      return true;
    }
    int needed = (upstreams - 1) * perUpstream;
    for (Map.Entry<String, Integer> other : ofUpstreams.entrySet()) {
      if (!other.getKey().equals(upstream)) {
        needed -= Math.min(perUpstream, other.getValue());
      }
    }
    return all - taken > Math.min(kept, needed);
  }
}
