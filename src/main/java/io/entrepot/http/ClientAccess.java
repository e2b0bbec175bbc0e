package io.entrepot.http;

import io.entrepot.access.Authenticator;
import io.entrepot.access.Client;

/**
 * Admits requests: finds the client's address, authenticates the client, and limits its requests at
 * once. Thread-safe.
 *
 * @param forwarding finds the address of the client, also behind reverse proxies
 * @param authenticator finds out who the client is
 * @param limit the limit of requests at once for each address
 */
public record ClientAccess(Forwarding forwarding, Authenticator authenticator, ClientLimit limit) {
  /**
   * Admits a request. Until it ends, it counts against the limit of its client.
   *
   * @throws io.entrepot.oci.OciException if the client has too many unfinished requests, or its
   *     credentials are wrong
   */
  Client enter(Exchange exchange) {
    String address = exchange.facts().address();
    exchange.onEnd(limit.enter(address));
    return authenticator.authenticate(address, exchange.header("Authorization"));
  }
}
