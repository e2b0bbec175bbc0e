package io.entrepot.upstream.auth;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.credentials.Credentials;
import org.jspecify.annotations.Nullable;

/** The proof of who we are that goes with a request. */
public sealed interface Authorization {
  /** The value of the {@code Authorization} header, or null for none. */
  @Nullable String header();

  /** Whose proof it is. */
  Credentials credentials();

  /** No proof, after one was refused. */
  record Nobody() implements Authorization {
    @Override
    public @Nullable String header() {
      return null;
    }

    @Override
    public Credentials credentials() {
      return Credentials.ANONYMOUS;
    }
  }

  /**
   * No proof, since the token could not be fetched that will probably be demanded. The request goes
   * out without it, to hear what is demanded. Realms can differ by repository, and can move.
   *
   * @param key the token
   * @param failure why it could not be fetched
   * @param guessed whether another repository's realm was asked
   */
  record Unproven(TokenKey key, UpstreamException failure, boolean guessed)
      implements Authorization {
    @Override
    public @Nullable String header() {
      return null;
    }

    @Override
    public Credentials credentials() {
      return Credentials.ANONYMOUS;
    }
  }

  /** A user and a password (RFC 7617). */
  record Basic(Credentials.Password credentials) implements Authorization {
    @Override
    public String header() {
      return credentials.basic();
    }
  }

  /**
   * A token (RFC 6750).
   *
   * @param key what the token depends on
   * @param fetched whether it was fetched for this very call
   */
  record Bearer(TokenKey key, Token token, boolean fetched) implements Authorization {
    @Override
    public String header() {
      return "Bearer " + token.secret();
    }

    @Override
    public Credentials credentials() {
      return key.credentials();
    }
  }
}
