package io.entrepot.access;

import com.nimbusds.jose.EncryptionMethod;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWEAlgorithm;
import com.nimbusds.jose.JWEHeader;
import com.nimbusds.jose.JWEObject;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.DirectDecrypter;
import com.nimbusds.jose.crypto.DirectEncrypter;
import com.nimbusds.jose.jwk.ECKey;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.text.ParseException;
import javax.crypto.Mac;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;

/**
 * Makes user names and passwords for upstreams ready to wait, in a token of ours or for a question
 * that comes later: encrypted (RFC 7516). Each key that signs tokens gives one that encrypts them,
 * so that they end together. Thread-safe.
 */
final class UpstreamLogins {
  /** In characters. With it, a token still fits into a header. */
  private static final int MAX_PASSWORD = 2 << 10;

  private static final int MAX_USER = 256;

  private final TokenKeys keys;
  private final PasswordDigest digests = new PasswordDigest();

  UpstreamLogins(TokenKeys keys) {
    this.keys = keys;
  }

  /** Whether an upstream can be asked for these: both are there, and not too long for a token. */
  static boolean isPossible(PasswordLogin login) {
    return !login.user().isEmpty()
        && login.user().indexOf(':') < 0
        && login.user().length() <= MAX_USER
        && !login.password().isEmpty()
        && login.password().length() <= MAX_PASSWORD;
  }

  /**
   * Encrypts.
   *
   * @throws IOException if a new key is due and cannot be written
   */
  UpstreamLogin of(String upstream, PasswordLogin login) throws IOException {
    return sealed(upstream, login, seal(login));
  }

  /**
   * Reads what {@link UpstreamLogin#sealed} was.
   *
   * @throws IllegalArgumentException if it is none of ours, or its key has ended
   */
  UpstreamLogin of(String upstream, String sealed) {
    return sealed(upstream, open(sealed), sealed);
  }

  private UpstreamLogin sealed(String upstream, PasswordLogin login, String sealed) {
    return new UpstreamLogin(
        upstream, login.user(), digests.of(login), sealed, () -> open(sealed).password());
  }

  private String seal(PasswordLogin login) throws IOException {
    ECKey key = keys.signing();
    JWEHeader header =
        new JWEHeader.Builder(JWEAlgorithm.DIR, EncryptionMethod.A256GCM)
            .keyID(key.getKeyID())
            .build();
    JWEObject sealed = new JWEObject(header, new Payload(login.user() + ":" + login.password()));
    try {
      sealed.encrypt(new DirectEncrypter(secret(key)));
      return sealed.serialize();
    } catch (JOSEException e) {
      throw new IOException("a password cannot be encrypted", e);
    }
  }

  private PasswordLogin open(String text) {
    try {
      JWEObject sealed = JWEObject.parse(text);
      ECKey key = keys.find(String.valueOf(sealed.getHeader().getKeyID())).orElseThrow();
      sealed.decrypt(new DirectDecrypter(secret(key)));
      String pair = sealed.getPayload().toString();
      int colon = pair.indexOf(':');
      return new PasswordLogin(pair.substring(0, colon), pair.substring(colon + 1));
    } catch (ParseException | JOSEException | RuntimeException e) {
      // The cause is left out: its message may quote the password.
      throw new IllegalArgumentException("the password of a token cannot be decrypted");
    }
  }

  private static SecretKey secret(ECKey key) {
    try {
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(key.getD().decode(), mac.getAlgorithm()));
      byte[] secret = mac.doFinal("passwords in tokens".getBytes(StandardCharsets.UTF_8));
      return new SecretKeySpec(secret, "AES");
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
