package io.entrepot.access;

import java.time.Instant;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What a valid token proves.
 *
 * @param principal who has got it, or null for an anonymous client
 * @param scopes what it is for, as its bearer has asked for it; null if it is for everything
 * @param given what it gives by itself, by canonical names; null if the rules say what its bearer
 *     may do
 * @param until when it ends
 * @param login the user name and the password for one upstream that its bearer has got it for, or
 *     null
 */
record ProvenToken(
    @Nullable Principal principal,
    @Nullable Set<TokenScope> scopes,
    @Nullable Set<TokenScope> given,
    Instant until,
    @Nullable UpstreamLogin login) {
  ProvenToken(
      @Nullable Principal principal,
      @Nullable Set<TokenScope> scopes,
      @Nullable Set<TokenScope> given,
      Instant until) {
    this(principal, scopes, given, until, null);
  }

  Client from(String address) {
    return new Client(address, principal, scopes, given, login);
  }
}
