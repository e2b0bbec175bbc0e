package io.entrepot.cluster;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.Mac;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * The secret that all nodes of a cluster know. Keys for single purposes are derived from it; itself
 * it is neither sent nor stored. Immutable.
 */
public final class ClusterSecret {
  private static final String HMAC = "HmacSHA256";
  private static final String SEAL = "AES/GCM/NoPadding";
  private static final int IV_BYTES = 12;
  private static final int TAG_BITS = 128;

  private final byte[] secret;
  private final SecureRandom random = new SecureRandom();

  public ClusterSecret(String text) {
    secret = text.getBytes(UTF_8);
  }

  /** A key for one purpose, which tells nothing of the keys for others. */
  byte[] keyFor(String purpose) {
    return hmac(secret, purpose);
  }

  /** By which nodes see that they have the same secret. It tells nothing of the secret. */
  public String mark() {
    return HexFormat.of().formatHex(keyFor("mark"));
  }

  static byte[] hmac(byte[] key, String text) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(new SecretKeySpec(key, HMAC));
      return mac.doFinal(text.getBytes(UTF_8));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + HMAC, e);
    }
  }

  /** Encrypts a text that only nodes of this cluster can read. */
  public String seal(String text) {
    byte[] iv = new byte[IV_BYTES];
    random.nextBytes(iv);
    try {
      byte[] sealed = cipher(Cipher.ENCRYPT_MODE, iv).doFinal(text.getBytes(UTF_8));
      byte[] all = Arrays.copyOf(iv, IV_BYTES + sealed.length);
      System.arraycopy(sealed, 0, all, IV_BYTES, sealed.length);
      return Base64.getEncoder().encodeToString(all);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has " + SEAL, e);
    }
  }

  /**
   * Decrypts what {@link #seal} has made.
   *
   * @throws IOException if it was made with another secret, or changed
   */
  public String open(String sealed) throws IOException {
    try {
      byte[] all = Base64.getDecoder().decode(sealed);
      byte[] iv = Arrays.copyOf(all, IV_BYTES);
      byte[] text = cipher(Cipher.DECRYPT_MODE, iv).doFinal(all, IV_BYTES, all.length - IV_BYTES);
      return new String(text, UTF_8);
    } catch (GeneralSecurityException | IllegalArgumentException e) {
      throw new IOException("what the database has was sealed with another secret", e);
    }
  }

  private Cipher cipher(int mode, byte[] iv) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance(SEAL);
    cipher.init(mode, new SecretKeySpec(keyFor("seal"), "AES"), new GCMParameterSpec(TAG_BITS, iv));
    return cipher;
  }
}
