package io.entrepot.upstream.auth;

import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.wire.Call;

/** Fetches tokens. Thread-safe. */
@FunctionalInterface
public interface TokenSource {
  /**
   * Fetches one token.
   *
   * @param call needs the token, counts the requests and has the deadline
   * @throws UpstreamException with {@code DENIED} where the credentials are refused
   */
  Token fetch(TokenKey key, Call call) throws UpstreamException;
}
