package io.entrepot.access;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import io.entrepot.oci.ForeignJson;
import io.entrepot.oci.JsonValue;
import io.entrepot.oci.UnusableJsonException;
import java.io.IOException;
import java.text.ParseException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The public keys of somebody who signs tokens, as JSON has them (RFC 7517). Keys for encryption,
 * and of kinds that we do not take, are left out. Immutable.
 */
record KeySet(List<JWK> keys) {
  /** The keys of large providers take some 20 KiB. */
  static final int MAX_BYTES = 256 << 10;

  /** A provider has some ten. */
  private static final int MAX_KEYS = 64;

  private static final int MIN_RSA_BITS = 2048;
  private static final int MAX_RSA_BITS = 8192;

  private static final ForeignJson JSON = ForeignJson.upTo(MAX_BYTES);
  private static final Set<String> FIELDS =
      Set.of("kty", "kid", "use", "alg", "n", "e", "crv", "x", "y");

  KeySet {
    keys = List.copyOf(keys);
  }

  /** What keys say about the signature of a token. */
  enum Check {
    /** One of them has made it. */
    SIGNED,
    /** The key that it names has not made it. */
    FORGED,
    /** The key that it names is not among them. */
    UNKNOWN_KEY
  }

  /**
   * Reads keys.
   *
   * @throws IOException if there are none that can be used, or too many
   */
  static KeySet parse(byte[] json) throws IOException {
    List<JWK> keys = new ArrayList<>();
    JSON.read(
        json,
        root ->
            root.fields(
                (name, value) -> {
                  if (name.equals("keys")) {
                    value.entries(entry -> add(entry, keys));
                  }
                }));
    if (keys.isEmpty()) {
      throw new UnusableJsonException("it has no RSA or EC key for signatures");
    }
    return new KeySet(keys);
  }

  private static void add(JsonValue entry, List<JWK> keys) throws IOException {
    Map<String, Object> fields = new HashMap<>();
    entry.fields(
        (name, value) -> {
          if (FIELDS.contains(name) && value.isString()) {
            fields.put(name, value.text());
          }
        });
    if (!fields.getOrDefault("use", "sig").equals("sig")) {
      return;
    }
    try {
      JWK key = JWK.parse(fields);
      if (isUsable(key)) {
        keys.add(key);
      }
    } catch (ParseException | RuntimeException e) {
      return; // another kind of key, or a broken one: the others count
    }
    if (keys.size() > MAX_KEYS) {
      throw new UnusableJsonException("it has more than " + MAX_KEYS + " keys");
    }
  }

  private static boolean isUsable(JWK key) {
    return key instanceof ECKey
        || (key instanceof RSAKey && key.size() >= MIN_RSA_BITS && key.size() <= MAX_RSA_BITS);
  }

  /**
   * Checks the signature of a token. One that names no key can only be of a provider with one key:
   * else each such token would cost a check for every key.
   */
  Check check(SignedToken token) {
    List<JWK> candidates = keys.stream().filter(key -> isFor(token, key)).toList();
    if (candidates.isEmpty() || (token.keyId() == null && candidates.size() > 1)) {
      return Check.UNKNOWN_KEY;
    }
    return candidates.stream().anyMatch(key -> isSignedBy(token, key))
        ? Check.SIGNED
        : Check.FORGED;
  }

  /** The kind of the key decides how it is used, never the token. */
  private static boolean isFor(SignedToken token, JWK key) {
    JWSAlgorithm algorithm = token.algorithm();
    boolean isOfKind =
        key instanceof RSAKey
            ? JWSAlgorithm.Family.RSA.contains(algorithm)
            : JWSAlgorithm.Family.EC.contains(algorithm);
    return isOfKind
        && (token.keyId() == null || token.keyId().equals(key.getKeyID()))
        && (key.getAlgorithm() == null || key.getAlgorithm().getName().equals(algorithm.getName()));
  }

  private static boolean isSignedBy(SignedToken token, JWK key) {
    try {
      JWSVerifier verifier =
          key instanceof RSAKey rsa
              ? new RSASSAVerifier(rsa.toRSAPublicKey())
              : new ECDSAVerifier(key.toECKey().toECPublicKey());
      return verifier.verify(
          new JWSHeader(token.algorithm()), token.signedBytes(), token.signature());
    } catch (JOSEException | RuntimeException e) {
      return false; // of another curve or length
    }
  }
}
