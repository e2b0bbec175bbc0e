package io.entrepot.upstream.auth;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.wire.Answer;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The demands that an upstream has made so far, by scope. Thread-safe. */
final class KnownDemands {
  /** In bytes, roughly: some 2,000 repositories. One that is not known is challenged again. */
  private static final int MAX_WEIGHT = 1 << 20;

  /** In characters. */
  private static final int MAX_PARAMETER = 1024;

  private final Cache<Scope, Demand> learned =
      Caffeine.newBuilder()
          .executor(Runnable::run)
          .maximumWeight(MAX_WEIGHT)
          .weigher((Scope scope, Demand demand) -> scope.value().length() + demand.weight())
          .build();
  private volatile @Nullable Demand latest;

  /** What the upstream will probably demand; null where nothing is known yet. */
  @Nullable Demand find(Scope scope) {
    Demand known = learned.getIfPresent(scope);
    if (known != null) {
      return known;
    }
    // A new repository of the same upstream: the same service, and the usual scope.
    Demand other = latest;
    return other instanceof Demand.Bearer bearer
        ? new Demand.Bearer(bearer.realm(), bearer.service(), null)
        : other;
  }

  /**
   * Reads the demand of a refusal. A 403 without a challenge repeats the demand of before.
   *
   * @return null where there is no demand that we can meet
   */
  @Nullable Demand learn(Answer refusal, Scope scope) {
    Demand demand = read(refusal, scope);
    if (demand != null) {
      latest = demand;
      learned.put(scope, demand);
    }
    return demand;
  }

  private @Nullable Demand read(Answer refusal, Scope scope) {
    List<Challenge> challenges = Challenge.parse(refusal.headers("WWW-Authenticate"));
    if (challenges.isEmpty() && refusal.status() == 403) {
      return find(scope) instanceof Demand.Bearer before ? before : null;
    }
    for (Challenge challenge : challenges) {
      if (challenge.scheme().equals("bearer")) {
        Demand.Bearer bearer = bearer(challenge);
        if (bearer != null) {
          return bearer;
        }
      }
    }
    return Challenge.find(challenges, "basic").map(c -> new Demand.Basic()).orElse(null);
  }

  private static Demand.@Nullable Bearer bearer(Challenge challenge) {
    String realm = challenge.get("realm");
    String service = challenge.get("service");
    String scope = challenge.get("scope");
    if (realm == null || isLong(realm) || isLong(service) || isLong(scope)) {
      return null;
    }
    try {
      return new Demand.Bearer(
          new URI(realm),
          service == null ? "" : service,
          scope == null || scope.isEmpty() ? null : new Scope(scope));
    } catch (URISyntaxException e) {
      return null;
    }
  }

  private static boolean isLong(@Nullable String text) {
    return text != null && text.length() > MAX_PARAMETER;
  }
}
