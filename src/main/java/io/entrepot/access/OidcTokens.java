package io.entrepot.access;

import io.entrepot.memory.MemoryBudget;
import java.time.Clock;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Function;

/**
 * Logs in by the tokens of OpenID Connect providers: of CI systems, of Kubernetes, and of those who
 * know the people. A token comes as Bearer, or as the password of any user name. Thread-safe.
 */
public final class OidcTokens implements Authenticator, BearerTokens {
  private final List<Trusted> providers;
  private final VerifiedTokens verified;
  private final Clock clock;

  private record Trusted(OidcProvider provider, ProviderKeys keys) {}

  /**
   * Wires the collaborators.
   *
   * @param providers each with what reads its documents
   * @param executor for these reads; bounded, and rejects what is too much
   */
  public OidcTokens(
      Map<OidcProvider, KeySource> providers, Executor executor, MemoryBudget memory, Clock clock) {
    this.providers =
        providers.entrySet().stream()
            .map(
                each ->
                    new Trusted(
                        each.getKey(),
                        new ProviderKeys(each.getKey(), each.getValue(), executor, clock)))
            .toList();
    this.verified = new VerifiedTokens(memory, clock);
    this.clock = clock;
  }

  /** Reads the keys of all providers in the background. */
  public void start() {
    for (Trusted each : providers) {
      var unused = each.keys().newer();
    }
  }

  @Override
  public boolean mayKnow(PasswordLogin login) {
    return SignedToken.parse(login.password()).filter(this::isOfOne).isPresent();
  }

  private boolean isOfOne(SignedToken token) {
    return !ofIssuer(token).isEmpty();
  }

  @Override
  public boolean isRemembered(PasswordLogin login) {
    return SignedToken.looksLikeOne(login.password()) && remembered(login.password()).isPresent();
  }

  @Override
  public CompletableFuture<Outcome> authenticate(PasswordLogin login, ServerRealm realm) {
    return remembered(login.password())
        .map(proven -> CompletableFuture.completedFuture(outcome(new Verdict.Valid(proven))))
        .orElseGet(() -> verify(login.password()).thenApply(OidcTokens::outcome));
  }

  private static Outcome outcome(Verdict verdict) {
    if (verdict instanceof Verdict.Valid valid && valid.proven().principal() != null) {
      return new Outcome.Known(valid.proven().principal());
    }
    if (verdict instanceof Verdict.Foreign) {
      return new Outcome.NoSuchUser();
    }
    return verdict instanceof Verdict.Unavailable ? new Outcome.Unavailable() : new Outcome.Wrong();
  }

  @Override
  public Optional<ProvenToken> remembered(String token) {
    return verified.find(token);
  }

  @Override
  public CompletableFuture<Verdict> verify(String text) {
    Optional<SignedToken> parsed = SignedToken.parse(text).filter(this::isOfOne);
    if (parsed.isEmpty()) {
      return CompletableFuture.completedFuture(new Verdict.Foreign());
    }
    SignedToken token = parsed.get();
    // What costs nothing comes first: no provider is asked about a token that counts in no case.
    Optional<Trusted> trusted =
        ofIssuer(token).stream().filter(each -> isFor(token, each.provider())).findFirst();
    if (trusted.isEmpty()) {
      return refused("the token is for another audience");
    }
    return TokenTimes.refusal(token.claims(), clock.instant())
        .map(CompletableFuture::completedFuture)
        .orElseGet(() -> verify(text, token, trusted.get()));
  }

  private static CompletableFuture<Verdict> refused(String why) {
    return CompletableFuture.completedFuture(new Verdict.Refused(why));
  }

  private List<Trusted> ofIssuer(SignedToken token) {
    String issuer = token.claims().text("iss").orElse("");
    return providers.stream().filter(each -> each.provider().issuer().equals(issuer)).toList();
  }

  private static boolean isFor(SignedToken token, OidcProvider provider) {
    return token.claims().strings("aud").stream().anyMatch(provider.audiences()::contains);
  }

  /**
   * Verifies the token that a provider gives for a login on the web pages (OpenID Connect Core 1.0,
   * 3.1.3.7). It is not remembered, and logs in nowhere else.
   *
   * @param client this cache, as the provider calls it
   * @param nonce of the login that has begun
   * @return never fails
   */
  CompletableFuture<Verdict> verifyLogin(
      OidcProvider provider, String text, String client, String nonce) {
    Optional<SignedToken> parsed = SignedToken.parse(text);
    Optional<Trusted> trusted =
        providers.stream().filter(each -> each.provider().equals(provider)).findFirst();
    if (parsed.isEmpty() || trusted.isEmpty()) {
      return CompletableFuture.completedFuture(new Verdict.Foreign());
    }
    SignedToken token = parsed.get();
    TokenClaims claims = token.claims();
    boolean isForUs =
        claims.strings("aud").contains(client)
            && claims.text("azp").filter(party -> !party.equals(client)).isEmpty();
    if (!isForUs || !claims.text("iss").filter(provider.issuer()::equals).isPresent()) {
      return refused("the token is for another audience, or of another issuer");
    }
    if (!claims.text("nonce").filter(nonce::equals).isPresent()) {
      return refused("the token is of another login");
    }
    return TokenTimes.refusal(claims, clock.instant())
        .map(CompletableFuture::completedFuture)
        .orElseGet(
            () -> withKeys(token, trusted.get(), keys -> verdict(token, trusted.get(), keys)));
  }

  private CompletableFuture<Verdict> verify(String text, SignedToken token, Trusted by) {
    return withKeys(
        token,
        by,
        keys -> {
          Verdict verdict = verdict(token, by, keys);
          if (verdict instanceof Verdict.Valid valid) {
            verified.put(text, valid.proven(), keys, by.keys()::now);
          }
          return verdict;
        });
  }

  private static CompletableFuture<Verdict> withKeys(
      SignedToken token, Trusted by, Function<KeySet, Verdict> check) {
    Optional<KeySet> now = by.keys().now();
    if (now.isPresent() && now.get().check(token) != KeySet.Check.UNKNOWN_KEY) {
      return CompletableFuture.completedFuture(check.apply(now.get()));
    }
    return by.keys()
        .newer()
        .thenApply(keys -> keys.isPresent() ? check.apply(keys.get()) : new Verdict.Unavailable());
  }

  private static Verdict verdict(SignedToken token, Trusted by, KeySet keys) {
    if (keys.check(token) != KeySet.Check.SIGNED) {
      return new Verdict.Refused("the signature of the token is not by a key of its issuer");
    }
    OidcProvider provider = by.provider();
    if (!provider.required().stream().allMatch(required -> required.holds(token.claims()))) {
      return new Verdict.Refused("the token does not say what is required of it");
    }
    Optional<String> user = token.claims().text(provider.user()).filter(Principal::isName);
    if (user.isEmpty()) {
      return new Verdict.Refused("the token has no user name");
    }
    List<String> groups = new ArrayList<>(token.claims().strings(provider.groups()));
    groups.removeIf(group -> !Principal.isName(group));
    Principal principal = new Principal(provider.way(), user.get(), new HashSet<>(groups));
    return new Verdict.Valid(
        new ProvenToken(principal, null, null, TokenTimes.end(token.claims())));
  }
}
