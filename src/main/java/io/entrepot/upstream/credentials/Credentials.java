package io.entrepot.upstream.credentials;

import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** The proof of who we are. No {@code toString} shows a secret (S16). */
public sealed interface Credentials {
  Credentials ANONYMOUS = new Anonymous();

  /**
   * The credentials that a user name and a secret stand for: an identity token where the name is
   * {@code <token>}, as Docker writes it.
   *
   * @throws IllegalArgumentException where they cannot be used; the message shows no secret
   */
  static Credentials of(String username, String secret) {
    return username.equals(IdentityToken.USER)
        ? new IdentityToken(secret)
        : new Password(username, secret);
  }

  /** No credentials. */
  record Anonymous() implements Credentials {}

  /**
   * Those of a client, which the call has with it. Where something is remembered of the client, it
   * stands in the place of the password.
   *
   * @param id see {@link io.entrepot.upstream.ClientCredentials}
   */
  record OfClient(String id) implements Credentials {
    @Override
    public String toString() {
      return "OfClient[***]";
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

    /** The value of an {@code Authorization} header (RFC 7617). */
    public String basic() {
      byte[] pair = (username + ":" + secret).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
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

    /** For token services that have only GET with Basic authentication. */
    public Password asPassword() {
      return new Password(USER, secret);
    }

    @Override
    public String toString() {
      return "IdentityToken[***]";
    }
  }
}
