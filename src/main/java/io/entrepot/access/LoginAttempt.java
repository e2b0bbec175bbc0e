package io.entrepot.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jwt.JWTClaimsSet;
import java.io.IOException;
import java.net.URI;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.Optional;

/**
 * A login at a provider that a browser has begun. The browser keeps it in a cookie, signed here, so
 * that any node can end it. What comes back from the provider counts only in the same browser.
 *
 * @param provider the name of the provider
 * @param state what the provider sends back unchanged
 * @param nonce what the token of the provider has to name
 * @param verifier the secret behind the challenge that the provider got (PKCE, RFC 7636)
 * @param redirect where the provider sends the browser
 * @param back the page of ours that is shown then
 */
record LoginAttempt(
    String provider, String state, String nonce, String verifier, URI redirect, String back) {
  /** As long as a person may take at the provider. */
  static final Duration LIFETIME = Duration.ofMinutes(10);

  private static final int BYTES = 32;

  /** Makes one, with new secrets. */
  static LoginAttempt at(String provider, URI redirect, String back, SecureRandom random) {
    return new LoginAttempt(
        provider, secret(random), secret(random), secret(random), redirect, back);
  }

  private static String secret(SecureRandom random) {
    byte[] bytes = new byte[BYTES];
    random.nextBytes(bytes);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  /** The challenge for the provider (PKCE, S256). */
  String challenge() {
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(verifier.getBytes(US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(hash);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** Writes it down. */
  String sign(TokenKeys keys, String audience, Instant now) throws IOException {
    return keys.sign(
        new JWTClaimsSet.Builder()
            .audience(audience)
            .subject(provider)
            .claim("state", state)
            .claim("nonce", nonce)
            .claim("verifier", verifier)
            .claim("redirect", redirect.toString())
            .claim("back", back)
            .expirationTime(Date.from(now.plus(LIFETIME)))
            .build());
  }

  /** Reads it; empty if it is none of ours, or too old. */
  static Optional<LoginAttempt> read(String signed, TokenKeys keys, String audience) {
    JWTClaimsSet claims = keys.claims(signed, audience);
    if (claims == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(
          new LoginAttempt(
              claims.getSubject(),
              claims.getStringClaim("state"),
              claims.getStringClaim("nonce"),
              claims.getStringClaim("verifier"),
              URI.create(claims.getStringClaim("redirect")),
              claims.getStringClaim("back")));
    } catch (ParseException e) {
      return Optional.empty();
    }
  }

  /** Whether the provider has sent back the state of this one. */
  boolean hasState(String sent) {
    return MessageDigest.isEqual(state.getBytes(US_ASCII), sent.getBytes(US_ASCII));
  }
}
