package io.entrepot.access;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jose.util.Base64URL;
import java.util.List;
import java.util.stream.Stream;

/** Tokens as others sign them: any header and claims, also those that no library would write. */
public final class SignedClaims {
  private SignedClaims() {}

  public static RSAKey rsa(String id) {
    try {
      return new RSAKeyGenerator(2048).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  public static ECKey ec(String id) {
    try {
      return new ECKeyGenerator(Curve.P_256).keyID(id).generate();
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A set of the public keys, as a provider publishes it. */
  public static byte[] keys(JWK... keys) {
    return new JWKSet(Stream.of(keys).toList()).toString(true).getBytes(UTF_8);
  }

  /** A token with the usual header. */
  public static String token(JWK key, String claims) {
    String algorithm = key instanceof RSAKey ? "RS256" : "ES256";
    return token(
        key, "{\"alg\":\"%s\",\"kid\":\"%s\"}".formatted(algorithm, key.getKeyID()), claims);
  }

  /** A token with any header, signed as the kind of the key wants it. */
  public static String token(JWK key, String header, String claims) {
    String signed = Base64URL.encode(header) + "." + Base64URL.encode(claims);
    try {
      JWSSigner signer =
          key instanceof RSAKey rsa ? new RSASSASigner(rsa) : new ECDSASigner(key.toECKey());
      JWSAlgorithm algorithm = key instanceof RSAKey ? JWSAlgorithm.RS256 : JWSAlgorithm.ES256;
      return signed + "." + signer.sign(new JWSHeader(algorithm), signed.getBytes(UTF_8));
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  /** A token with any signature. */
  public static String unsigned(String header, String claims, byte[] signature) {
    return String.join(
        ".",
        List.of(
            Base64URL.encode(header).toString(),
            Base64URL.encode(claims).toString(),
            Base64URL.encode(signature).toString()));
  }
}
