package io.entrepot.upstream.auth;

import io.entrepot.upstream.Scope;
import io.entrepot.upstream.wire.Answer;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** What the upstream demanded so far, by what it was for. Thread-safe. */
final class Demands {
  /** Past this many repositories the least recently asked for are challenged again. */
  private static final int MAX_LEARNED = 2048;

  private static final int MAX_PARAMETER = 1024;

  private final Map<Scope, Demand> learned = new LinkedHashMap<>(16, 0.75f, true);
  private volatile @Nullable Demand latest;

  /** What will be demanded, or null where nothing is known yet. */
  @Nullable Demand find(Scope scope) {
    synchronized (learned) {
      Demand known = learned.get(scope);
      if (known != null) {
        return known;
      }
    }
    // Another repository of the same upstream: the same service, and the scope by the book.
    Demand other = latest;
    return other instanceof Demand.Bearer bearer
        ? new Demand.Bearer(bearer.realm(), bearer.service(), null)
        : other;
  }

  /**
   * What a refusal demands; without a challenge (a 403 mostly) what was demanded before.
   *
   * @return null where that is nothing we can give
   */
  @Nullable Demand learn(Answer refusal, Scope scope) {
    Demand demand = read(refusal, scope);
    if (demand != null) {
      latest = demand;
      synchronized (learned) {
        learned.put(scope, demand);
        if (learned.size() > MAX_LEARNED) {
          learned.remove(learned.keySet().iterator().next());
        }
      }
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
