package io.entrepot.access;

import io.entrepot.access.BearerTokens.Verdict;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/** Checks what each token says of its time and of whom it is for (RFC 7519, 4.1). */
final class TokenTimes {
  /** How much the clock of a signer may differ from ours. */
  static final Duration LEEWAY = Duration.ofSeconds(30);

  private TokenTimes() {}

  /** Until when a token counts. */
  static Instant end(TokenClaims claims) {
    return claims.time("exp").orElse(Instant.EPOCH).plus(LEEWAY);
  }

  /** Why it does not count now; empty if it does. */
  static Optional<Verdict> refusal(TokenClaims claims, Instant now) {
    if (claims.time("exp").isEmpty()) {
      return Optional.of(new Verdict.Refused("the token does not say when it ends"));
    }
    if (!now.isBefore(end(claims))) {
      return Optional.of(new Verdict.Refused("the token has expired"));
    }
    boolean isEarly =
        claims.has("nbf")
            && claims.time("nbf").filter(begin -> !now.plus(LEEWAY).isBefore(begin)).isEmpty();
    return isEarly
        ? Optional.of(new Verdict.Refused("the token is not valid yet"))
        : Optional.empty();
  }
}
