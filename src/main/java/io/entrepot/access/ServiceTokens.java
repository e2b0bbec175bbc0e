package io.entrepot.access;

import io.entrepot.files.RecentFile;
import io.entrepot.files.WatchedFile;
import io.entrepot.memory.MemoryBudget;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.time.Clock;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The tokens of somebody else's token service (docker/distribution's "Token Authentication"). Its
 * claim {@code access} says what a token gives, and no rule adds anything. Thread-safe.
 */
public final class ServiceTokens implements BearerTokens {
  /** The way to log in, for principals. */
  private static final String WAY = "token";

  private final ForeignTokenService service;
  private final KeySet ofRoots;
  private final @Nullable RecentFile<KeySet> jwks;
  private final CertificateChains chains;
  private final NamesInTokens names;
  private final VerifiedTokens verified;
  private final Clock clock;

  private ServiceTokens(
      ForeignTokenService service,
      @Nullable RecentFile<KeySet> jwks,
      NamesInTokens names,
      MemoryBudget memory,
      Clock clock) {
    this.service = service;
    this.ofRoots = ServiceKeys.of(service.roots());
    this.jwks = jwks;
    this.chains = new CertificateChains(service.roots(), clock);
    this.names = names;
    this.verified = new VerifiedTokens(memory, clock);
    this.clock = clock;
  }

  /**
   * Reads the keys for the first time. Their file is read again when it has changed.
   *
   * @throws IOException if the file cannot be read or has no keys; the message names it
   */
  public static ServiceTokens open(
      ForeignTokenService service, NamesInTokens names, MemoryBudget memory, Clock clock)
      throws IOException {
    RecentFile<KeySet> jwks =
        service.jwks().isEmpty()
            ? null
            : new RecentFile<>(
                new WatchedFile<>(service.jwks().get(), KeySet.MAX_BYTES, KeySet::parse), clock);
    return new ServiceTokens(service, jwks, names, memory, clock);
  }

  @Override
  public Optional<ProvenToken> remembered(String token) {
    return verified.find(token);
  }

  @Override
  public CompletableFuture<Verdict> verify(String text) {
    return CompletableFuture.completedFuture(
        SignedToken.parse(text)
            .filter(token -> token.claims().text("iss").equals(Optional.of(service.issuer())))
            .map(token -> verdict(text, token))
            .orElseGet(Verdict.Foreign::new));
  }

  private Verdict verdict(String text, SignedToken token) {
    TokenClaims claims = token.claims();
    if (!claims.strings("aud").contains(service.service())) {
      return new Verdict.Refused("the token is for another service");
    }
    Optional<Verdict> refusal = TokenTimes.refusal(claims, clock.instant());
    if (refusal.isPresent()) {
      return refusal.get();
    }
    Optional<Signer> signer = signer(token);
    Optional<Set<TokenScope>> given = claims.access().map(this::given);
    if (signer.isEmpty() || given.isEmpty()) {
      return new Verdict.Refused(
          signer.isEmpty()
              ? "the signature of the token is not by a key of the token service"
              : "the claim access of the token is not a list of rights");
    }
    Principal principal =
        claims.text("sub").filter(Principal::isName).map(n -> new Principal(WAY, n)).orElse(null);
    Instant end = TokenTimes.end(claims);
    Instant until = signer.get().until().isBefore(end) ? signer.get().until() : end;
    ProvenToken proven = new ProvenToken(principal, given.get(), given.get(), until);
    verified.put(text, proven, signer.get().by(), signer.get().keys());
    return new Verdict.Valid(proven);
  }

  /**
   * Who has signed a token.
   *
   * @param by the keys of then
   * @param keys gives those of now
   * @param until when the certificate of the key ends
   */
  private record Signer(KeySet by, Supplier<Optional<KeySet>> keys, Instant until) {}

  /** Empty if the signature is not by one of our keys, or by a certificate of our authorities. */
  private Optional<Signer> signer(SignedToken token) {
    if (!token.certificates().isEmpty()) {
      try {
        ServiceKeys.Certified own = ServiceKeys.of(token, chains);
        return signer(token, own.key(), () -> Optional.of(own.key()))
            .map(signer -> new Signer(signer.by(), signer.keys(), own.until()));
      } catch (GeneralSecurityException | IllegalArgumentException e) {
        return Optional.empty();
      }
    }
    return signer(token, ofRoots, () -> Optional.of(ofRoots))
        .or(() -> fileKeys().flatMap(keys -> signer(token, keys, this::fileKeys)));
  }

  private Optional<KeySet> fileKeys() {
    return Optional.ofNullable(jwks).map(RecentFile::get);
  }

  private static Optional<Signer> signer(
      SignedToken token, KeySet by, Supplier<Optional<KeySet>> keys) {
    return by.check(token) == KeySet.Check.SIGNED
        ? Optional.of(new Signer(by, keys, Instant.MAX))
        : Optional.empty();
  }

  /** What a token gives, by canonical names. A name that leads to nothing gives nothing. */
  private Set<TokenScope> given(List<TokenClaims.Grant> access) {
    Set<TokenScope> given = new HashSet<>();
    for (TokenClaims.Grant grant : access) {
      boolean pulls = grant.actions().contains("pull") || grant.actions().contains("*");
      if (grant.type().equals("repository") && pulls) {
        names.canonical(grant.name()).map(TokenScope::pull).ifPresent(given::add);
      } else if (grant.type().equals(TokenScope.CATALOG.type())
          && grant.name().equals(TokenScope.CATALOG.name())
          && grant.actions().contains(TokenScope.CATALOG.action())) {
        given.add(TokenScope.CATALOG);
      }
    }
    return Set.copyOf(given);
  }

  /** What a token must be for, so that it gives the pull of a repository. */
  public TokenScope scopeOf(String repository) {
    return TokenScope.pull(names.inToken(repository));
  }

  /** The service whose tokens these are. */
  public ForeignTokenService service() {
    return service;
  }
}
