package io.entrepot.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A secret text. Only {@link #reveal()} returns it; {@link #toString()} does not. Immutable. */
public final class Secret {
  private final String text;

  private Secret(String text) {
    this.text = text;
  }

  /** Hides {@code text}. */
  public static Secret of(String text) {
    return new Secret(text);
  }

  /** The secret text. To be called only by the code that sends it. */
  public String reveal() {
    return text;
  }

  /** Compares in time that does not depend on where the texts differ. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret
        && MessageDigest.isEqual(text.getBytes(UTF_8), secret.text.getBytes(UTF_8));
  }

  /** The same for all secrets, because the hash of a short text would reveal the text. */
  @Override
  public int hashCode() {
    return Secret.class.getName().hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
