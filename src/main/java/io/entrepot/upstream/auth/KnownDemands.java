package io.entrepot.upstream.auth;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import org.jspecify.annotations.Nullable;

/**
 * The demands that an upstream has made so far, by scope. Some registries demand another right for
 * their lists than for content (Azure: {@code metadata_read}), so lists have entries of their own.
 * Thread-safe.
 */
final class KnownDemands {
  private final Cache<Key, Demand> learned;
  private volatile @Nullable Demand latest;
  private volatile boolean realmsDiffer;

  private record Key(Scope scope, boolean list) {
    int weight() {
      return Weight.ENTRY + Weight.RECORD + Weight.of(scope.value());
    }
  }

  /**
   * Knows no demand.
   *
   * @param memory holds them; one that is dropped is asked for again
   */
  KnownDemands(MemoryBudget memory) {
    learned = memory.cache(Share.DEMANDS, (key, demand) -> key.weight() + demand.weight());
  }

  /**
   * What the upstream will probably demand.
   *
   * @param guessed whether another repository has taught it
   */
  record Expected(Demand demand, boolean guessed) {}

  /** What the upstream will probably demand for a call; null where nothing is known. */
  @Nullable Expected find(Call call) {
    Demand known = learned.getIfPresent(key(call));
    if (known == null) {
      known = learned.getIfPresent(new Key(call.scope(), false));
    }
    if (known != null) {
      return new Expected(known, false);
    }
    // A new repository of the same upstream: the same service, and the usual scope.
    Demand other = latest;
    if (other instanceof Demand.Bearer bearer) {
      return realmsDiffer
          ? null
          : new Expected(new Demand.Bearer(bearer.realm(), bearer.service(), null), true);
    }
    return other == null ? null : new Expected(other, true);
  }

  /** Whether the upstream has made any demand. */
  boolean isEmpty() {
    return latest == null;
  }

  /**
   * Reads the demand of a refusal. A 403 without a challenge repeats the demand of before.
   *
   * @return null where there is no demand that we can meet
   */
  @Nullable Demand learn(Answer refusal, Call call) {
    Demand demand = Demand.read(refusal);
    if (demand == null && refusal.status() == 403 && hasNoChallenge(refusal)) {
      Expected before = find(call);
      demand = before != null && before.demand() instanceof Demand.Bearer bearer ? bearer : null;
    }
    if (demand != null) {
      note(demand);
      learned.put(key(call), demand);
    }
    return demand;
  }

  private static boolean hasNoChallenge(Answer refusal) {
    return Challenge.parse(refusal.headers("WWW-Authenticate")).isEmpty();
  }

  /** Where two repositories name two realms, the realm of a third cannot be guessed. */
  private void note(Demand demand) {
    if (demand instanceof Demand.Bearer now
        && latest instanceof Demand.Bearer before
        && !now.realm().equals(before.realm())) {
      realmsDiffer = true;
    }
    latest = demand;
  }

  private static Key key(Call call) {
    return new Key(call.scope(), call.list());
  }
}
