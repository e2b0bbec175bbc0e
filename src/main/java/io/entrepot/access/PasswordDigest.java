package io.entrepot.access;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Texts that stand for user names and passwords where these are remembered: HMACs under a random
 * key, which ends with the process. Thread-safe.
 */
final class PasswordDigest {
  private static final int KEY_BYTES = 32;

  private final SecretKeySpec key;

  PasswordDigest() {
    byte[] random = new byte[KEY_BYTES];
    new SecureRandom().nextBytes(random);
    this.key = new SecretKeySpec(random, "HmacSHA256");
  }

  String of(PasswordLogin login) {
    try {
      Mac mac = Mac.getInstance(key.getAlgorithm());
      mac.init(key);
      mac.update(login.user().getBytes(StandardCharsets.UTF_8));
      mac.update((byte) 0); // no user name has it
      return Base64.getEncoder().encodeToString(mac.doFinal(login.passwordBytes()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
