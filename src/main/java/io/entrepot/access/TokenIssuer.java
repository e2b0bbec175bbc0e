package io.entrepot.access;

import com.github.benmanes.caffeine.cache.Cache;
import com.nimbusds.jwt.JWTClaimsSet;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import java.io.IOException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The token service of this cache. A token says who its bearer is, and for what it may be used. It
 * gives no rights: these are looked up at each request. Thread-safe.
 */
public final class TokenIssuer implements BearerTokens {
  private static final String SCOPE = "scope";
  private static final String UPSTREAM = "upstream";
  private static final String LOGIN = "login";

  private final TokenKeys keys;
  private final String deployment;
  private final Duration lifetime;
  private final Clock clock;
  private final Cache<String, ProvenToken> verified;
  private final UpstreamLogins upstreamLogins;

  /**
   * Makes the service.
   *
   * @param deployment the id of this deployment; only its own tokens are accepted
   */
  public TokenIssuer(
      TokenKeys keys, String deployment, Duration lifetime, MemoryBudget memory, Clock clock) {
    this.upstreamLogins = new UpstreamLogins(keys);
    this.keys = keys;
    this.deployment = deployment;
    this.lifetime = lifetime;
    this.clock = clock;
    this.verified =
        memory.cache(
            Share.LOGINS,
            (token, proven) ->
                Weight.ENTRY + 3 * Weight.ofAscii(token) + 1024 + weight(proven.principal()));
  }

  private static int weight(@Nullable Principal principal) {
    return principal == null ? 0 : principal.weightOfGroups();
  }

  /** The id of this deployment, which clients send as the service. */
  public String deployment() {
    return deployment;
  }

  /**
   * A token that was made.
   *
   * @param text the token
   * @param lifetime how long it is valid
   * @param issuedAt when it was made
   */
  public record Issued(String text, Duration lifetime, Instant issuedAt) {
    @Override
    public String toString() {
      return "a token";
    }
  }

  /**
   * Makes a token.
   *
   * @param principal who has logged in, or null for an anonymous client
   * @param named the groups that rules name. The token has no others.
   * @throws IOException if a new key is due and cannot be written
   */
  public Issued issue(@Nullable Principal principal, Set<String> named, Set<TokenScope> scopes)
      throws IOException {
    return issueTo(new Client("", principal, null), named, scopes);
  }

  /** Makes a token for a client; its user name and password for an upstream wait in it. */
  public Issued issueTo(Client client, Set<String> named, Set<TokenScope> scopes)
      throws IOException {
    Principal principal = client.principal();
    UpstreamLogin login = client.login();
    Instant now = clock.instant();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(deployment)
            .audience(deployment)
            .claim(UPSTREAM, login == null ? null : login.upstream())
            .claim(LOGIN, login == null ? null : login.sealed())
            .claim(SCOPE, scopes.stream().map(TokenScope::toString).toList())
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(lifetime)))
            .jwtID(UUID.randomUUID().toString());
    if (principal != null) {
      PrincipalClaims.write(claims, principal, named);
    }
    return new Issued(keys.sign(claims.build()), lifetime, now);
  }

  @Override
  public Optional<ProvenToken> remembered(String token) {
    return Optional.ofNullable(verified.getIfPresent(token)).filter(this::counts);
  }

  @Override
  public CompletableFuture<Verdict> verify(String token) {
    return CompletableFuture.completedFuture(
        prove(token).<Verdict>map(Verdict.Valid::new).orElseGet(Verdict.Foreign::new));
  }

  /** What a token proves; empty if it is not one of ours, or has expired. */
  Optional<ProvenToken> prove(String token) {
    ProvenToken known = verified.getIfPresent(token);
    if (known == null) {
      known = check(token);
      if (known == null) {
        return Optional.empty();
      }
      verified.put(token, known);
    }
    return Optional.of(known).filter(this::counts);
  }

  private boolean counts(ProvenToken proven) {
    return clock.instant().isBefore(proven.until());
  }

  private @Nullable ProvenToken check(String token) {
    try {
      JWTClaimsSet claims = keys.claims(token, deployment);
      List<String> scopes = claims == null ? null : claims.getStringListClaim(SCOPE);
      if (claims == null || scopes == null) {
        return null;
      }
      return new ProvenToken(
          PrincipalClaims.read(claims),
          new HashSet<>(TokenScope.parse(scopes)),
          null,
          claims.getExpirationTime().toInstant(),
          login(claims));
    } catch (ParseException | RuntimeException e) {
      return null; // whatever it is, it is no token of ours
    }
  }

  private @Nullable UpstreamLogin login(JWTClaimsSet claims) throws ParseException {
    String upstream = claims.getStringClaim(UPSTREAM);
    String login = claims.getStringClaim(LOGIN);
    return upstream == null || login == null ? null : upstreamLogins.of(upstream, login);
  }

  /** Makes user names and passwords for upstreams ready to wait in tokens. */
  UpstreamLogins upstreamLogins() {
    return upstreamLogins;
  }

  /** The public keys, as JSON (RFC 7517). */
  public String publicKeys() {
    return keys.publicKeys();
  }
}
