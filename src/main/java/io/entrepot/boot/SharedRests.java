package io.entrepot.boot;

import io.entrepot.database.ChangeFeed;
import io.entrepot.database.Changes;
import io.entrepot.database.Database;
import io.entrepot.database.DatabaseException;
import io.entrepot.routing.ProxiedUpstream;
import io.entrepot.upstream.pace.Breaker;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the nodes of a cluster tell each other of upstreams: which one has asked a node to slow
 * down, and which one a person has taken out. So all of them rest. Silence is not told: it may be
 * the way of one node that is broken. Thread-safe.
 */
final class SharedRests {
  private static final Logger log = LoggerFactory.getLogger(SharedRests.class);

  /** The name of the upstream, the address of the registry, milliseconds, and why. */
  private static final String REST = "rest";

  /** The name of the upstream, and whether it is out. */
  private static final String OUT = "out";

  /** The table has 800 characters for all. */
  private static final int MAX_WHY = 300;

  private final OpenUpstreams upstreams;
  private final Map<String, Breaker> breakers;
  private final Changes changes;
  private final String node;
  private final Database database;
  private final Executor background;

  /**
   * Tells from now on.
   *
   * @param node the name of this node
   * @param background writes to the database
   */
  SharedRests(
      OpenUpstreams upstreams,
      Changes changes,
      String node,
      Database database,
      Executor background) {
    this.upstreams = upstreams;
    this.breakers = upstreams.breakers();
    this.changes = changes;
    this.node = node;
    this.database = database;
    this.background = background;
    breakers.forEach((key, breaker) -> breaker.onThrottle((rest, why) -> rests(key, rest, why)));
  }

  private void rests(String key, Duration rest, String why) {
    String text = node + " has seen: " + why.replaceAll("\\s+", " ");
    String told = text.substring(0, Math.min(text.length(), MAX_WHY));
    tell(REST, key + " " + rest.toMillis() + " " + told);
  }

  /** Tells that a person has taken an upstream out here, or back in. */
  void taken(String upstream, boolean out) {
    tell(OUT, upstream + " " + out);
  }

  private void tell(String kind, String changed) {
    try {
      background.execute(() -> write(kind, changed));
    } catch (RejectedExecutionException e) {
      log.debug("Too much waits for the database to tell the other nodes: {} {}", kind, changed);
    }
  }

  private void write(String kind, String changed) {
    try {
      database.write(
          "telling the other nodes of an upstream",
          session -> {
            changes.tell(session, kind, changed);
            return true;
          });
    } catch (DatabaseException e) {
      log.warn("The other nodes are not told to rest: {}", e.getMessage());
    }
  }

  /** Does as another node has told, if this is a change of an upstream. */
  void heard(ChangeFeed.Change change) {
    if (change.kind().equals(REST)) {
      rest(change.changed().split(" ", 4));
    } else if (change.kind().equals(OUT)) {
      take(change.changed().split(" ", 2));
    } else {
      log.debug("A later version tells a change of {}", change.kind());
    }
  }

  private void rest(String[] told) {
    Breaker breaker = breakers.get(told[0] + " " + told[1]);
    if (breaker != null) {
      Duration rest = Duration.ofMillis(Long.parseLong(told[2]));
      log.info("{} is not asked for {} s: {}", told[1], rest.toSeconds(), told[3]);
      breaker.restToo(rest, told[3]);
    }
  }

  private void take(String[] told) {
    boolean out = Boolean.parseBoolean(told[1]);
    for (ProxiedUpstream upstream : upstreams.sources().upstreams()) {
      if (upstream.name().equals(told[0]) && upstream.takeOut(out)) {
        log.info("Upstream {} is taken {} by another node", told[0], out ? "out" : "in");
      }
    }
  }
}
