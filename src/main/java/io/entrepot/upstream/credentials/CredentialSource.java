package io.entrepot.upstream.credentials;

import io.entrepot.upstream.UpstreamException;

/**
 * Where the credentials for an upstream come from. It may have others tomorrow, since passwords are
 * rotated and expire. Thread-safe.
 */
public interface CredentialSource {
  /** Nobody in particular, now and later. */
  CredentialSource ANONYMOUS = of(Credentials.ANONYMOUS);

  /** The same credentials for ever. */
  static CredentialSource of(Credentials credentials) {
    return new FixedCredentials(credentials);
  }

  /**
   * What to come with now. Asked for each request that needs a proof, so it answers from memory
   * unless what it was read from has changed or has grown old.
   *
   * @throws UpstreamException with {@code UNREACHABLE} where there are to be some, none can be had
   *     and none were had before
   */
  Credentials current() throws UpstreamException;

  /**
   * What to come with instead of what was refused: whatever it was read from is read again, unless
   * that has been done since. Bounded in time and pace, since every request may ask.
   *
   * @return equal to {@code refused} where there is nothing better
   */
  Credentials renew(Credentials refused) throws UpstreamException;

  /** Whether there is nobody to come as, which is known without reading anything. */
  boolean isAnonymous();
}
