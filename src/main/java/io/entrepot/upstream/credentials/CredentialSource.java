package io.entrepot.upstream.credentials;

import io.entrepot.upstream.UpstreamException;

/**
 * A source of credentials for one upstream. They can change at any time: passwords expire and are
 * rotated. Thread-safe.
 */
public interface CredentialSource {
  /** No credentials, now and later. */
  CredentialSource ANONYMOUS = of(Credentials.ANONYMOUS);

  /** None of our own: each client brings its user name and its password with its call. */
  static CredentialSource ofClients() {
    return new OfClients();
  }

  /** The same credentials for ever. */
  static CredentialSource of(Credentials credentials) {
    return new FixedCredentials(credentials);
  }

  /**
   * The credentials to use now. Called for each request that needs a proof, so it answers from
   * memory until the file has changed or the answer is too old.
   *
   * @throws UpstreamException with {@code UNREACHABLE} where it has never got any credentials and
   *     cannot get them now
   */
  Credentials current() throws UpstreamException;

  /**
   * The credentials to use after these were refused. Reads the file or asks the program again,
   * unless that was done since. It is bounded in time and does so only now and then, since every
   * request may call it.
   *
   * @return equal to {@code refused} where there are no better ones
   */
  Credentials renew(Credentials refused) throws UpstreamException;

  /** Whether there are no credentials. Known without asking a program. */
  boolean isAnonymous();

  /** Whether each client brings its own. */
  default boolean isOfClients() {
    return false;
  }
}
