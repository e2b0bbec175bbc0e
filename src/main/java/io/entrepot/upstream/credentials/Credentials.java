package io.entrepot.upstream.credentials;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** What proves to an upstream who asks. No {@code toString} of any of them shows a secret (S16). */
public sealed interface Credentials {
  Credentials ANONYMOUS = new Anonymous();

  /**
   * The credentials that a user name and a secret stand for: an identity token where the name is
   * {@code <token>}, as Docker writes it.
   *
   * @throws IllegalArgumentException where there can be none such; the message shows no secret
   */
  static Credentials of(String username, String secret) {
    return username.equals(IdentityToken.USER)
        ? new IdentityToken(secret)
        : new Password(username, secret);
  }

  /** The text with every occurrence of the secret replaced, for messages that others wrote. */
  String redact(String text);

  /** Nobody in particular. */
  record Anonymous() implements Credentials {
    @Override
    public String redact(String text) {
      return text;
    }
  }

  /**
   * A user and a password, or a token in the place of one.
   *
   * @param username without a colon, which Basic authentication cannot carry (RFC 7617, 2)
   */
  record Password(String username, String secret) implements Credentials {
    public Password {
      if (username.isEmpty() || username.indexOf(':') >= 0) {
        throw new IllegalArgumentException("a user name has at least one character and no colon");
      }
      if (secret.isEmpty()) {
        throw new IllegalArgumentException("the password of " + username + " is empty");
      }
    }

    public String basic() {
      byte[] pair = (username + ":" + secret).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    @Override
    public String redact(String text) {
      return text.replace(secret, "***");
    }

    @Override
    public String toString() {
      return "Password[" + username + ", ***]";
    }
  }

  /** A refresh token that a token service exchanges for access tokens (OAuth2). */
  record IdentityToken(String secret) implements Credentials {
    /** The user name that stands for an identity token where only Basic is understood. */
    private static final String USER = "<token>";

    public IdentityToken {
      if (secret.isEmpty()) {
        throw new IllegalArgumentException("the identity token is empty");
      }
    }

    public Password asPassword() {
      return new Password(USER, secret);
    }

    @Override
    public String redact(String text) {
      return text.replace(secret, "***");
    }

    @Override
    public String toString() {
      return "IdentityToken[***]";
    }
  }
}
