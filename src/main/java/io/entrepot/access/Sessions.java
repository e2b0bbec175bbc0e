package io.entrepot.access;

import com.nimbusds.jwt.JWTClaimsSet;
import java.io.IOException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.Optional;
import java.util.Set;

/**
 * The sessions of people who have logged in on the web pages. A session is a token of ours, and
 * nothing of it is kept here: any node of a cluster takes it. It says who somebody is and gives no
 * rights. It is for another audience than the tokens for pulls, so that neither counts as the
 * other. Thread-safe.
 */
public final class Sessions {
  /** Who has lost his login here may look around for so long. Rules count at once. */
  public static final Duration LIFETIME = Duration.ofHours(1);

  private final TokenKeys keys;
  private final String deployment;
  private final String audience;
  private final Clock clock;

  /**
   * @param deployment the id of this deployment; only its own sessions are accepted
   */
  public Sessions(TokenKeys keys, String deployment, Clock clock) {
    this.keys = keys;
    this.deployment = deployment;
    this.audience = deployment + "/session";
    this.clock = clock;
  }

  /**
   * Begins a session.
   *
   * @param named the groups that rules name. The session has no others.
   * @throws IOException if a new key is due and cannot be written
   */
  public String begin(Principal principal, Set<String> named) throws IOException {
    Instant now = clock.instant();
    JWTClaimsSet.Builder claims =
        new JWTClaimsSet.Builder()
            .issuer(deployment)
            .audience(audience)
            .issueTime(Date.from(now))
            .expirationTime(Date.from(now.plus(LIFETIME)));
    PrincipalClaims.write(claims, principal, named);
    return keys.sign(claims.build());
  }

  /** Whose session it is; empty if it is none, or has ended. */
  public Optional<Principal> find(String session) {
    JWTClaimsSet claims = keys.claims(session, audience);
    try {
      return claims == null ? Optional.empty() : Optional.ofNullable(PrincipalClaims.read(claims));
    } catch (ParseException e) {
      return Optional.empty();
    }
  }
}
