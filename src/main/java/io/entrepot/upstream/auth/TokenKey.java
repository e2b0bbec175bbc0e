package io.entrepot.upstream.auth;

import io.entrepot.memory.Weight;
import io.entrepot.upstream.Scope;
import io.entrepot.upstream.credentials.Credentials;
import java.net.URI;

/**
 * What a token depends on. For a password that is sent to the upstream itself, the realm is the
 * upstream and the service is empty.
 *
 * @param realm where the token is fetched
 * @param service what the realm knows the upstream by; empty where the challenge does not say
 * @param scope the right that it gives
 * @param credentials whose token it is
 */
public record TokenKey(URI realm, String service, Scope scope, Credentials credentials) {
  /** The bytes of memory that it takes. The credentials are shared and do not count. */
  int weight() {
    return Weight.ENTRY
        + Weight.RECORD
        + Demand.weight(realm)
        + Weight.of(service)
        + Weight.of(scope.value())
        + (credentials instanceof Credentials.OfClient client ? Weight.ofAscii(client.id()) : 0);
  }
}
