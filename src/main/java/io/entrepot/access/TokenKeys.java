package io.entrepot.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import java.io.IOException;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys that sign tokens. A new one is made every 30 days. Older ones are kept as long as a
 * token by them may live. Thread-safe.
 */
public final class TokenKeys {
  private static final Logger log = LoggerFactory.getLogger(TokenKeys.class);
  private static final Duration ROTATION = Duration.ofDays(30);

  /** Larger than any token of ours. */
  private static final int MAX_TOKEN = 8 << 10;

  private final Place place;
  private final Duration lifetime;
  private final Clock clock;
  private volatile List<ECKey> keys;

  private TokenKeys(Place place, Duration lifetime, Clock clock) {
    this.place = place;
    this.lifetime = lifetime;
    this.clock = clock;
    this.keys = List.of();
  }

  /** Where the keys are kept. Others may use them too. */
  public interface Place {
    /** The keys as text; empty if there are none yet. */
    Optional<String> read() throws IOException;

    /**
     * Replaces the keys, if they are still as they were read.
     *
     * @param before what was read
     * @return the keys that are there now
     */
    String replace(Optional<String> before, String after) throws IOException;
  }

  /**
   * Reads the keys, or makes the first one.
   *
   * @param lifetime of the tokens
   * @throws IOException if the place cannot be read or written
   */
  public static TokenKeys open(Place place, Duration lifetime, Clock clock) throws IOException {
    TokenKeys opened = new TokenKeys(place, lifetime, clock);
    opened.readAgain();
    var unused = opened.signing();
    return opened;
  }

  /** Takes over keys that somebody else has made. */
  public synchronized void readAgain() throws IOException {
    Optional<String> present = place.read();
    keys = present.isEmpty() ? List.of() : parse(present.get());
  }

  private List<ECKey> parse(String text) throws IOException {
    List<ECKey> keys = new ArrayList<>();
    try {
      for (JWK key : JWKSet.parse(text).getKeys()) {
        keys.add(key.toECKey());
        var unused = madeAt(key.toECKey());
      }
    } catch (ParseException | ClassCastException | NumberFormatException e) {
      // The cause is left out: its message may quote the key.
      throw new IOException(place + " has no keys; without it, new keys are made");
    }
    return List.copyOf(keys);
  }

  /** The key to sign with now. */
  ECKey signing() throws IOException {
    Optional<ECKey> newest = newest();
    return newest.isPresent() && !isOlder(newest.get(), ROTATION) ? newest.get() : rotate();
  }

  private Optional<ECKey> newest() {
    return keys.stream().max(Comparator.comparing(TokenKeys::madeAt));
  }

  private synchronized ECKey rotate() throws IOException {
    Optional<ECKey> newest = newest();
    if (newest.isPresent() && !isOlder(newest.get(), ROTATION)) {
      return newest.get(); // another thread has made it
    }
    Optional<String> before = place.read();
    List<ECKey> kept = new ArrayList<>(before.isEmpty() ? List.of() : parse(before.get()));
    kept.removeIf(key -> isOlder(key, ROTATION.plus(lifetime)));
    ECKey made = make();
    kept.add(made);
    keys = parse(place.replace(before, new JWKSet(List.<JWK>copyOf(kept)).toString(false)));
    ECKey signing = newest().orElse(made);
    log.info("A new key signs tokens from now on: {}", signing.getKeyID());
    return signing;
  }

  private ECKey make() {
    try {
      return new ECKeyGenerator(Curve.P_256)
          .keyID(clock.instant().getEpochSecond() + "-" + UUID.randomUUID())
          .keyUse(KeyUse.SIGNATURE)
          .generate();
    } catch (JOSEException e) {
      throw new IllegalStateException("every JDK has P-256", e);
    }
  }

  /** The key with an id, if tokens by it may still be honoured. */
  Optional<ECKey> find(String id) {
    return keys.stream()
        .filter(key -> id.equals(key.getKeyID()))
        .filter(key -> !isOlder(key, ROTATION.plus(lifetime)))
        .findFirst();
  }

  /**
   * Signs a token.
   *
   * @throws IOException if a new key is due and cannot be written
   */
  String sign(JWTClaimsSet claims) throws IOException {
    ECKey key = signing();
    JWSHeader header =
        new JWSHeader.Builder(JWSAlgorithm.ES256)
            .keyID(key.getKeyID())
            .type(JOSEObjectType.JWT)
            .build();
    SignedJWT token = new SignedJWT(header, claims);
    try {
      token.sign(new ECDSASigner(key));
    } catch (JOSEException e) {
      throw new IOException("the token cannot be signed", e);
    }
    return token.serialize();
  }

  /**
   * What a token says that was signed here for an audience; null if it is no such token, or has
   * expired.
   */
  @Nullable JWTClaimsSet claims(String token, String audience) {
    if (token.length() > MAX_TOKEN) {
      return null;
    }
    try {
      SignedJWT signed = SignedJWT.parse(token);
      String id = signed.getHeader().getKeyID();
      Optional<ECKey> key = id == null ? Optional.empty() : find(id);
      if (key.isEmpty()
          || !JWSAlgorithm.ES256.equals(signed.getHeader().getAlgorithm())
          || !signed.verify(new ECDSAVerifier(key.get().toECPublicKey()))) {
        return null;
      }
      JWTClaimsSet claims = signed.getJWTClaimsSet();
      boolean isFor = claims.getAudience().equals(List.of(audience));
      Date end = claims.getExpirationTime();
      return isFor && end != null && clock.instant().isBefore(end.toInstant()) ? claims : null;
    } catch (ParseException | JOSEException | RuntimeException e) {
      return null; // whatever it is, it is no token of ours
    }
  }

  /** The public parts of all keys, as JSON (RFC 7517). */
  String publicKeys() {
    return new JWKSet(List.<JWK>copyOf(keys)).toString(true);
  }

  private boolean isOlder(ECKey key, Duration age) {
    return !clock.instant().isBefore(madeAt(key).plus(age));
  }

  /** The id begins with the time. */
  private static Instant madeAt(ECKey key) {
    String id = String.valueOf(key.getKeyID());
    return Instant.ofEpochSecond(Long.parseLong(id.substring(0, Math.max(0, id.indexOf('-')))));
  }
}
