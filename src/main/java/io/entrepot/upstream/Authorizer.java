package io.entrepot.upstream;

import io.entrepot.upstream.RealmPolicy.Verdict;
import io.entrepot.upstream.UpstreamException.Failure;
import java.net.URI;
import java.net.URISyntaxException;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one who answers challenges, and remembers them: once the upstream has told how it wants to be
 * convinced, requests bring their proof at once and cost one round trip. Thread-safe.
 */
final class Authorizer {
  private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);

  /** Past this many repositories the least recently asked for are challenged again. */
  private static final int MAX_LEARNED = 2048;

  private static final int MAX_PARAMETER = 1024;

  private final UpstreamOptions options;
  private final RealmPolicy policy;
  private final TokenService service;
  private final TokenCache tokens;
  private final Map<Scope, Demand> learned = new LinkedHashMap<>(16, 0.75f, true);
  private volatile @Nullable Demand latest;
  private volatile @Nullable URI lastWithheld;

  /** What the upstream demands: a password, or a token with these parameters. */
  private sealed interface Demand {
    record Basic() implements Demand {}

    /**
     * @param scope what the upstream named; the call's own where it named none
     */
    record Bearer(URI realm, String service, @Nullable Scope scope) implements Demand {}
  }

  Authorizer(UpstreamOptions options, TokenService service, Clock clock) {
    this.options = options;
    this.policy = new RealmPolicy(Origin.of(options.uri()).orElseThrow(), options.trustedRealms());
    this.service = service;
    this.tokens = new TokenCache(clock);
  }

  /** The proof to send along at the first try, or null where none is known to be needed. */
  @Nullable Authorization known(Call call) throws UpstreamException {
    Demand demand = demandFor(call.scope());
    if (demand instanceof Demand.Bearer bearer) {
      return policy.judge(bearer.realm()) == Verdict.NOTHING ? null : token(bearer, call);
    }
    return demand instanceof Demand.Basic
            && policy.allowsPassword()
            && options.credentials() instanceof Credentials.Password password
        ? new Authorization.Basic(password)
        : null;
  }

  /**
   * The proof to send after a refusal.
   *
   * @param refusal a 401 or 403 of the upstream's own origin
   * @param used what the refused request had, or null
   * @throws UpstreamException with {@link Failure#DENIED} where there is nothing better to offer
   */
  Authorization afterRefusal(Answer refusal, @Nullable Authorization used, Call call)
      throws UpstreamException {
    Demand demand = demandOf(refusal, call);
    if (demand == null) {
      throw denied(refusal, used == null ? "no challenge that can be answered" : noRight());
    }
    learn(call.scope(), demand);
    return demand instanceof Demand.Bearer bearer
        ? answerBearer(bearer, refusal, used, call)
        : answerBasic(refusal, used);
  }

  /** The failure after the last try. */
  UpstreamException refused(Answer refusal, Authorization used) {
    return denied(refusal, used instanceof Authorization.Basic ? wrongPassword() : noRight());
  }

  private Authorization answerBearer(
      Demand.Bearer bearer, Answer refusal, @Nullable Authorization used, Call call)
      throws UpstreamException {
    if (policy.judge(bearer.realm()) == Verdict.NOTHING) {
      withhold(bearer.realm());
      throw denied(
          refusal,
          "no token is asked of realm "
              + Messages.url(bearer.realm())
              + ", which is neither https nor the upstream's own origin");
    }
    if (used instanceof Authorization.Bearer old && old.key().equals(keyOf(bearer, call))) {
      if (old.fetched()) {
        throw denied(refusal, noRight());
      }
      tokens.drop(old.key(), old.token());
    }
    return token(bearer, call);
  }

  private Authorization answerBasic(Answer refusal, @Nullable Authorization used)
      throws UpstreamException {
    if (!(options.credentials() instanceof Credentials.Password password)) {
      throw denied(refusal, "a user and a password are asked for and none are configured");
    }
    if (!policy.allowsPassword()) {
      LOG.warn(
          "The credentials are not sent to {}: it is neither https nor on the loopback",
          policy.upstream());
      throw denied(refusal, "the credentials are not sent over plain http");
    }
    if (used instanceof Authorization.Basic) {
      throw denied(refusal, wrongPassword());
    }
    return new Authorization.Basic(password);
  }

  private Authorization token(Demand.Bearer bearer, Call call) throws UpstreamException {
    TokenCache.Key key = keyOf(bearer, call);
    boolean withheld = !key.credentials().equals(options.credentials());
    if (withheld) {
      withhold(bearer.realm());
    }
    try {
      TokenCache.Found found =
          tokens.get(key, call.deadline(), missing -> service.fetch(missing, call));
      return new Authorization.Bearer(key, found.token(), found.fetched());
    } catch (UpstreamException e) {
      if (!withheld || e.failure() != Failure.DENIED) {
        throw e;
      }
      throw new UpstreamException(
          Failure.DENIED, e.getMessage() + "; the credentials were not sent there", null, e);
    }
  }

  private TokenCache.Key keyOf(Demand.Bearer bearer, Call call) {
    boolean trusted = policy.judge(bearer.realm()) == Verdict.CREDENTIALS;
    return new TokenCache.Key(
        bearer.realm(),
        bearer.service(),
        bearer.scope() == null ? call.scope() : bearer.scope(),
        trusted ? options.credentials() : Credentials.ANONYMOUS);
  }

  /** What a refusal demands; without a challenge (a 403 mostly) what was demanded before. */
  private @Nullable Demand demandOf(Answer refusal, Call call) {
    List<Challenge> challenges = Challenge.parse(refusal.headers("WWW-Authenticate"));
    if (challenges.isEmpty() && refusal.status() == 403) {
      return demandFor(call.scope()) instanceof Demand.Bearer before ? before : null;
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

  private @Nullable Demand demandFor(Scope scope) {
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

  private void learn(Scope scope, Demand demand) {
    latest = demand;
    synchronized (learned) {
      learned.put(scope, demand);
      if (learned.size() > MAX_LEARNED) {
        learned.remove(learned.keySet().iterator().next());
      }
    }
  }

  private void withhold(URI realm) {
    boolean any = !(options.credentials() instanceof Credentials.Anonymous);
    if (any && !realm.equals(lastWithheld)) {
      lastWithheld = realm;
      LOG.warn(
          "The credentials for {} are not sent to the realm {}: it is not on the upstream's own"
              + " origin, not configured as a trusted realm, or not https",
          policy.upstream(),
          Messages.url(realm));
    }
  }

  private String noRight() {
    return options.credentials() instanceof Credentials.Anonymous
        ? "anonymous access is not allowed to this, or it does not exist"
        : "the credentials are accepted but have no right to this, or it does not exist";
  }

  private String wrongPassword() {
    return options.credentials() instanceof Credentials.Password password
        ? "wrong credentials of user " + Messages.quote(password.username())
        : "wrong credentials";
  }

  private UpstreamException denied(Answer refusal, String why) {
    String words = options.credentials().redact(Messages.excerpt(refusal.drain()));
    return new UpstreamException(
        Failure.DENIED, refusal.request() + " failed: " + refusal.status() + words + ": " + why);
  }
}
