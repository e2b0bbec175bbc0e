package io.entrepot.upstream.auth;

import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.upstream.Messages;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import io.entrepot.upstream.auth.RealmPolicy.Trust;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.wire.Answer;
import io.entrepot.upstream.wire.Call;
import java.net.URI;
import java.time.Clock;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Answers the challenges of an upstream. It remembers what the upstream demands: later requests
 * bring their proof at once and need one round trip only. When credentials are refused, it asks
 * their source for new ones, once, before it reports the failure. Thread-safe.
 */
public final class Authorizer {
  private static final Logger LOG = LoggerFactory.getLogger(Authorizer.class);

  private final CallCredentials credentials;
  private final RealmPolicy policy;
  private final TokenSource service;
  private final TokenCache tokens;
  private final KnownDemands demands;
  private final UnaryOperator<String> redactor;
  private volatile @Nullable URI lastWithheld;
  private volatile boolean introduced;

  /**
   * @param upstream scheme, host and port
   * @param service fetches the tokens
   * @param memory holds tokens and demands
   * @param redactor takes the secrets out of what the upstream has named
   * @param clock says which tokens are fresh
   */
  public Authorizer(
      URI upstream,
      AuthOptions options,
      TokenSource service,
      RefusedCredentials refusals,
      MemoryBudget memory,
      UnaryOperator<String> redactor,
      Clock clock) {
    this.credentials = new CallCredentials(upstream, options, refusals);
    this.policy = options.policy(upstream);
    this.service = service;
    this.tokens = new TokenCache(memory, Share.TOKENS, clock);
    this.demands = new KnownDemands(memory);
    this.redactor = redactor;
  }

  /** The proof to send with the first try; null where we do not know that one is needed. */
  @Nullable Authorization known(Call call) throws UpstreamException {
    KnownDemands.Expected expected = demands.find(call);
    if (expected == null) {
      return null;
    }
    if (expected.demand() instanceof Demand.Bearer bearer) {
      return policy.trustIn(bearer.realm()) == Trust.NONE
          ? null
          : expectedToken(bearer, expected.guessed(), call);
    }
    return policy.allowsPassword()
            && credentials.password(call) instanceof Credentials.Password password
            && !credentials.goesWithout(credentials.basicKey(password, call))
        ? new Authorization.Basic(password)
        : null;
  }

  private Authorization expectedToken(Demand.Bearer bearer, boolean guessed, Call call)
      throws UpstreamException {
    TokenKey key = preferredKey(bearer, call);
    try {
      return guessed ? fetch(key, call) : token(bearer, null, call);
    } catch (UpstreamException e) {
      if (e.failure() == Failure.THROTTLED || e.failure() == Failure.BUSY) {
        throw e;
      }
      return new Authorization.Unproven(key, e, guessed);
    }
  }

  /** The token to try first. */
  private TokenKey preferredKey(Demand.Bearer bearer, Call call) throws UpstreamException {
    boolean withhold = policy.trustIn(bearer.realm()) != Trust.CREDENTIALS;
    TokenKey key =
        keyOf(bearer, call, withhold ? Credentials.ANONYMOUS : credentials.current(call));
    return credentials.goesWithout(key) ? keyOf(bearer, call, Credentials.ANONYMOUS) : key;
  }

  /** Whether it is known if the upstream makes demands. */
  boolean isIntroduced() {
    return introduced || !demands.isEmpty();
  }

  /** Notes that the upstream has answered {@code /v2/}. */
  void introduced() {
    introduced = true;
  }

  /**
   * Learns from the answer to {@code /v2/} whether the upstream makes demands.
   *
   * @return the proof for a call; null where none is needed or none can be had
   */
  @Nullable Authorization introduce(Answer ping, Call call) throws UpstreamException {
    introduced = true;
    boolean demands = ping.isRefusal() && this.demands.learn(ping, call.aboutUpstream()) != null;
    return demands ? known(call) : null;
  }

  /**
   * The proof to send after a refusal.
   *
   * @param refusal a 401 or 403 of the upstream's own origin
   * @param used the proof of the refused request, or null
   * @throws UpstreamException with {@link Failure#DENIED} where there is no better proof
   */
  Authorization afterRefusal(Answer refusal, @Nullable Authorization used, Call call)
      throws UpstreamException {
    Demand demand = demands.learn(refusal, call);
    if (demand == null && used instanceof Authorization.Unproven unproven) {
      throw unproven.failure();
    }
    if (demand == null) {
      String why = used == null ? "no challenge that can be answered" : noRight(used);
      throw denied(refusal, why);
    }
    return demand instanceof Demand.Bearer bearer
        ? answerBearer(bearer, refusal, used, call)
        : answerBasic(refusal, used, call);
  }

  /** The failure after the last try. */
  UpstreamException refused(Answer refusal, @Nullable Authorization used, Call call)
      throws UpstreamException {
    if (used instanceof Authorization.Basic basic && refusal.status() == 401) {
      UpstreamException failure = denied(refusal, wrongPassword(basic.credentials()));
      credentials.noteRefusal(credentials.basicKey(basic.credentials(), call), failure, call);
      return failure;
    }
    return denied(refusal, noRight(used));
  }

  private Authorization answerBearer(
      Demand.Bearer bearer, Answer refusal, @Nullable Authorization used, Call call)
      throws UpstreamException {
    if (policy.trustIn(bearer.realm()) == Trust.NONE) {
      withhold(bearer.realm(), call);
      throw denied(
          refusal,
          "no token is asked of realm "
              + refusal.request().url(bearer.realm())
              + ", which is neither https nor the upstream's own origin");
    }
    if (used instanceof Authorization.Bearer old
        && old.key().equals(keyOf(bearer, call, old.credentials()))) {
      if (old.fetched()) {
        throw denied(refusal, noRight(used));
      }
      tokens.drop(old.key(), old.token());
    }
    if (used instanceof Authorization.Unproven failed
        && !failed.guessed()
        && failed.key().equals(preferredKey(bearer, call))) {
      throw failed.failure();
    }
    return token(bearer, used, call);
  }

  private Authorization answerBasic(Answer refusal, @Nullable Authorization used, Call call)
      throws UpstreamException {
    if (used instanceof Authorization.Basic basic) {
      return afterPassword(basic.credentials(), refusal, used, call);
    }
    if (!(credentials.password(call) instanceof Credentials.Password password)) {
      String why = "a user and a password are asked for and none are configured";
      throw denied(refusal, why);
    }
    if (!policy.allowsPassword()) {
      LOG.warn(
          "The credentials are not sent to {}: it is neither https nor on the loopback",
          policy.upstream());
      throw denied(refusal, "the credentials are not sent over plain http");
    }
    if (credentials.goesWithout(credentials.basicKey(password, call))) {
      throw denied(refusal, wrongPassword(password) + ", and anonymous access is not allowed");
    }
    return new Authorization.Basic(password);
  }

  /** After a refused password. A 403 means that it is right, but gives no right to this. */
  private Authorization afterPassword(
      Credentials.Password refused, Answer refusal, Authorization used, Call call)
      throws UpstreamException {
    if (refusal.status() == 401) {
      UpstreamException failure = refused(refusal, used, call);
      if (credentials.renewed(refused, call) instanceof Credentials.Password renewed
          && !renewed.equals(refused)) {
        return new Authorization.Basic(renewed);
      }
      if (!credentials.mayGoWithout()) {
        throw failure;
      }
      return new Authorization.Nobody();
    }
    throw denied(refusal, noRight(used));
  }

  /**
   * A token for the credentials. Where the service refuses them, new ones are tried, and then, if
   * the options allow it, an anonymous token.
   *
   * @param used the proof of the refused request, or null
   */
  private Authorization token(Demand.Bearer bearer, @Nullable Authorization used, Call call)
      throws UpstreamException {
    if (policy.trustIn(bearer.realm()) != Trust.CREDENTIALS) {
      return tokenWithout(bearer, used, call);
    }
    TokenKey key = preferredKey(bearer, call);
    try {
      return fetchUnlessFailed(key, used, call);
    } catch (UpstreamException e) {
      if (!isRefusalOf(key, e, call)) {
        throw e;
      }
      return tokenAfterRefusal(bearer, key, e, call);
    }
  }

  private Authorization tokenAfterRefusal(
      Demand.Bearer bearer, TokenKey refused, UpstreamException refusal, Call call)
      throws UpstreamException {
    TokenKey renewed = keyOf(bearer, call, credentials.renewed(refused.credentials(), call));
    if (!renewed.equals(refused)) {
      try {
        return fetch(renewed, call);
      } catch (UpstreamException e) {
        if (!isRefusalOf(renewed, e, call) || !credentials.mayGoWithout()) {
          throw e;
        }
      }
    } else if (!credentials.mayGoWithout()) {
      throw refusal;
    }
    return fetch(keyOf(bearer, call, Credentials.ANONYMOUS), call);
  }

  /** Whether the service refused the credentials. If so, notes that. */
  private boolean isRefusalOf(TokenKey key, UpstreamException e, Call call) {
    boolean refused =
        e.failure() == Failure.DENIED && !(key.credentials() instanceof Credentials.Anonymous);
    if (refused) {
      credentials.noteRefusal(key, e, call);
    }
    return refused;
  }

  /** An anonymous token of a realm that must not see the credentials. */
  private Authorization tokenWithout(Demand.Bearer bearer, @Nullable Authorization used, Call call)
      throws UpstreamException {
    withhold(bearer.realm(), call);
    try {
      return fetchUnlessFailed(keyOf(bearer, call, Credentials.ANONYMOUS), used, call);
    } catch (UpstreamException e) {
      if (credentials.isAnonymous(call) || e.failure() != Failure.DENIED) {
        throw e;
      }
      throw e.retold(e.getMessage() + "; the credentials were not sent there", null);
    }
  }

  /** Fetches a token, unless that has just failed in this call. */
  private Authorization fetchUnlessFailed(TokenKey key, @Nullable Authorization used, Call call)
      throws UpstreamException {
    if (used instanceof Authorization.Unproven failed && failed.key().equals(key)) {
      throw failed.failure();
    }
    return fetch(key, call);
  }

  private Authorization fetch(TokenKey key, Call call) throws UpstreamException {
    TokenCache.Found found =
        tokens.get(key, call.deadline(), missing -> service.fetch(missing, call));
    return new Authorization.Bearer(key, found.token(), found.fetched());
  }

  private static TokenKey keyOf(Demand.Bearer bearer, Call call, Credentials credentials) {
    Scope scope = bearer.scope() == null ? call.scope() : call.scope().narrowed(bearer.scope());
    return new TokenKey(bearer.realm(), bearer.service(), scope, credentials);
  }

  private void withhold(URI realm, Call call) {
    if (!credentials.isAnonymous(call) && !realm.equals(lastWithheld)) {
      lastWithheld = realm;
      LOG.warn(
          "The credentials for {} are not sent to the realm {}: it is not on the upstream's own"
              + " origin, not configured as a trusted realm, or not https",
          policy.upstream(),
          redactor.apply(Messages.url(realm)));
    }
  }

  private String noRight(@Nullable Authorization used) {
    if (used != null && !(used.credentials() instanceof Credentials.Anonymous)) {
      return "the credentials are accepted but have no right to this, or it does not exist";
    }
    String instead = credentials.fellBack() ? "wrong credentials, and " : "";
    return instead + "anonymous access is not allowed to this, or it does not exist";
  }

  private static String wrongPassword(Credentials.Password password) {
    return "wrong credentials of user " + Messages.quote(password.username());
  }

  private static UpstreamException denied(Answer refusal, String why) {
    String words = refusal.excerpt();
    return new UpstreamException(
            Failure.DENIED, refusal.request() + " failed: " + refusal.status() + words + ": " + why)
        .saying(Messages.withoutHost(words, refusal.uri()));
  }
}
