package io.entrepot.access;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import java.io.ByteArrayInputStream;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.interfaces.RSAPublicKey;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds the keys of somebody else's token service. They come with a token, as certificates of a
 * known authority, or the token names one that we have: of a certificate, or of a key set.
 */
final class ServiceKeys {
  private ServiceKeys() {}

  /** The keys of certificates, by the names that token services give them. */
  static KeySet of(List<X509Certificate> certificates) {
    List<JWK> keys = new ArrayList<>();
    for (X509Certificate certificate : certificates) {
      PublicKey key = certificate.getPublicKey();
      jwk(key, fingerprint(key)).ifPresent(keys::add);
      jwk(key, thumbprint(key)).ifPresent(keys::add);
    }
    return new KeySet(keys);
  }

  /** The key of a certificate, and until when that is valid. */
  record Certified(KeySet key, Instant until) {}

  /**
   * The key of the certificate that comes with a token.
   *
   * @throws GeneralSecurityException if it does not come from our authorities
   */
  static Certified of(SignedToken token, CertificateChains chains) throws GeneralSecurityException {
    CertificateFactory factory = CertificateFactory.getInstance("X.509");
    List<X509Certificate> chain = new ArrayList<>();
    for (String text : token.certificates()) {
      byte[] der = Base64.getDecoder().decode(text.getBytes(US_ASCII));
      chain.add((X509Certificate) factory.generateCertificate(new ByteArrayInputStream(der)));
    }
    Instant until = chains.verify(chain);
    return new Certified(
        new KeySet(jwk(chain.get(0).getPublicKey(), token.keyId()).stream().toList()), until);
  }

  private static Optional<JWK> jwk(PublicKey key, @Nullable String id) {
    if (key instanceof RSAPublicKey rsa) {
      return Optional.of(new RSAKey.Builder(rsa).keyID(id).build());
    }
    if (key instanceof ECPublicKey ec) {
      return Optional.ofNullable(Curve.forECParameterSpec(ec.getParams()))
          .map(curve -> new ECKey.Builder(curve, ec).keyID(id).build());
    }
    return Optional.empty();
  }

  private static String thumbprint(PublicKey key) {
    try {
      Optional<JWK> jwk = jwk(key, null);
      return jwk.isPresent() ? jwk.get().computeThumbprint().toString() : "";
    } catch (JOSEException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /**
   * The name of a key by Docker's libtrust: 240 bits of a digest in Base32, in groups of four, such
   * as {@code PYYO:TEWU:…}.
   */
  private static String fingerprint(PublicKey key) {
    try {
      byte[] digest = MessageDigest.getInstance("SHA-256").digest(key.getEncoded());
      String digits = new BigInteger(1, Arrays.copyOf(digest, 30)).toString(32);
      StringBuilder name = new StringBuilder();
      for (char c : ("0".repeat(48 - digits.length()) + digits).toCharArray()) {
        int value = Character.digit(c, 32);
        name.append(name.length() % 5 == 4 ? ":" : "");
        name.append((char) (value < 26 ? 'A' + value : '2' + value - 26));
      }
      return name.toString();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
