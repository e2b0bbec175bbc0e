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
 */
record ProvenToken(
    @Nullable Principal principal,
    @Nullable Set<TokenScope> scopes,
    @Nullable Set<TokenScope> given,
    Instant until) {
  Client from(String address) {
    return new Client(address, principal, scopes, given);
  }
}
