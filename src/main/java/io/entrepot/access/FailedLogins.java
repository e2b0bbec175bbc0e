package io.entrepot.access;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.IpAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;

/**
 * Slows down who guesses passwords: after several failures, no more passwords are tried for an
 * address until a minute is over. It counts addresses and never users, so that no stranger can lock
 * an account. Thread-safe.
 */
final class FailedLogins {
  /** More than people mistype in a minute. */
  static final int MAX = 10;

  static final Duration WINDOW = Duration.ofMinutes(1);

  private final Clock clock;
  private final Cache<String, Count> counts;

  private record Count(int failures, Instant since) {}

  FailedLogins(MemoryBudget memory, Clock clock) {
    this.clock = clock;
    this.counts =
        memory.cache(
            Share.LOGINS,
            (network, count) -> Weight.ENTRY + 2 * Weight.RECORD + Weight.ofAscii(network));
  }

  /** Whether no more passwords are tried for an address now. */
  boolean isSlowed(String address) {
    Count count = counts.getIfPresent(IpAddress.network(address));
    return count != null && count.failures() >= MAX && !isOver(count);
  }

  void note(String address) {
    var unused =
        counts
            .asMap()
            .merge(
                IpAddress.network(address),
                new Count(1, clock.instant()),
                (old, one) -> isOver(old) ? one : new Count(old.failures() + 1, old.since()));
  }

  private boolean isOver(Count count) {
    return !clock.instant().isBefore(count.since().plus(WINDOW));
  }
}
