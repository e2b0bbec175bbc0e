package io.entrepot.access;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * What one upstream has lately said of single clients: from which repositories they may pull. It is
 * in memory only, by the bytes of {@link Share#GRANTS}; what is dropped is asked again.
 * Thread-safe.
 */
public final class Grants {
  /** Stands for the login itself, in place of a repository. */
  private static final String LOGIN = "";

  private final Duration lifetime;
  private final Clock clock;
  private final Cache<Key, Instant> until;

  /**
   * A client and a repository.
   *
   * @param client stands for its user name and its password; empty for one that has sent none
   */
  private record Key(String client, String repository) {
    int weight() {
      return Weight.ENTRY + 3 * Weight.RECORD + Weight.ofAscii(client) + Weight.ofAscii(repository);
    }
  }

  /**
   * Knows nothing.
   *
   * @param lifetime how long the upstream's word counts
   */
  public Grants(Duration lifetime, MemoryBudget memory, Clock clock) {
    this.lifetime = lifetime;
    this.clock = clock;
    this.until = memory.cache(Share.GRANTS, (key, end) -> key.weight());
  }

  /** Whether a client may pull from a repository without a new question. */
  public boolean holds(String client, String repository) {
    Instant end = until.getIfPresent(new Key(client, repository));
    return end != null && clock.instant().isBefore(end);
  }

  /** Whether the user name and the password of a client were right lately. */
  public boolean knows(String client) {
    return holds(client, LOGIN);
  }

  /** Notes that a client may pull from a repository. So its user name and password are right. */
  public void give(String client, String repository) {
    until.put(new Key(client, repository), clock.instant().plus(lifetime));
    know(client);
  }

  /** Notes that the user name and the password of a client are right. */
  public void know(String client) {
    until.put(new Key(client, LOGIN), clock.instant().plus(lifetime));
  }

  /** Notes that a client may not pull from a repository. */
  public void end(String client, String repository) {
    until.invalidate(new Key(client, repository));
  }
}
