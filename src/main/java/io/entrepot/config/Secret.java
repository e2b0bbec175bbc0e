package io.entrepot.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/** A text that must not be seen: only {@link #reveal()} gives it away. Immutable. */
public final class Secret {
  private final String text;

  private Secret(String text) {
    this.text = text;
  }

  /** Hides {@code text}. */
  public static Secret of(String text) {
    return new Secret(text);
  }

  /** The hidden text, for the one place that must send it. */
  public String reveal() {
    return text;
  }

  /** Compares in time that does not depend on where the texts differ. */
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof Secret secret
        && MessageDigest.isEqual(text.getBytes(UTF_8), secret.text.getBytes(UTF_8));
  }

  /** The same for all secrets, since a hash of a short text is nearly the text. */
  @Override
  public int hashCode() {
    return Secret.class.getName().hashCode();
  }

  @Override
  public String toString() {
    return "***";
  }
}
