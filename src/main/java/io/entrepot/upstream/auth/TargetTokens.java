package io.entrepot.upstream.auth;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.upstream.Origin;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.auth.RealmPolicy.Trust;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import java.net.URI;
import java.time.Clock;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The anonymous tokens of the registries to which an upstream redirects. Some names are gateways:
 * they redirect each request to a registry that wants a token of its own. Credentials never go
 * there. Thread-safe.
 */
public final class TargetTokens {
  private final RealmPolicy policy;
  private final TokenSource service;
  private final TokenCache tokens;
  private final Cache<Place, Demand.Bearer> demands;

  private record Place(Origin target, Scope scope, boolean list) {
    int weight() {
      return Weight.ENTRY + 2 * Weight.RECORD + Weight.of(target.host()) + Weight.of(scope.value());
    }
  }

  /**
   * @param policy of the upstream that redirects
   * @param service fetches the tokens
   * @param memory holds them; a demand that is dropped is asked for again
   */
  public TargetTokens(RealmPolicy policy, TokenSource service, MemoryBudget memory, Clock clock) {
    this.policy = policy;
    this.service = service;
    this.tokens = new TokenCache(memory, Share.TARGET_TOKENS, clock);
    this.demands =
        memory.cache(Share.TARGET_DEMANDS, (place, demand) -> place.weight() + demand.weight());
  }

  /** The proof for a target; null where it has not asked for one. */
  @Nullable String find(URI target, Call call) throws UpstreamException {
    Demand.Bearer demand = demands.getIfPresent(place(target, call));
    if (demand == null) {
      return null;
    }
    TokenCache.Found found =
        tokens.get(key(demand, call), call.deadline(), missing -> service.fetch(missing, call));
    return "Bearer " + found.token().secret();
  }

  /**
   * Reads the challenge of a target.
   *
   * @param challenged the targets whose challenges this call has read before; each is read once
   * @return whether the request should go out again, now with a new token
   */
  boolean learn(Answer refusal, Set<Origin> challenged, Call call) {
    Place place = place(refusal.uri(), call);
    if (refusal.status() != 401
        || !(Demand.read(refusal) instanceof Demand.Bearer demand)
        || policy.trustOfTarget(demand.realm()) == Trust.NONE
        || !challenged.add(place.target())) {
      return false;
    }
    demands.put(place, demand);
    tokens.forget(key(demand, call));
    return true;
  }

  private static Place place(URI target, Call call) {
    return new Place(Origin.of(target).orElseThrow(), call.scope(), call.list());
  }

  private static TokenKey key(Demand.Bearer demand, Call call) {
    Scope named = demand.scope();
    Scope scope = named == null ? call.scope() : call.scope().narrowedElsewhere(named);
    return new TokenKey(demand.realm(), demand.service(), scope, Credentials.ANONYMOUS);
  }
}
