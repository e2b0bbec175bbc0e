package io.entrepot.http;

import org.jspecify.annotations.Nullable;

/**
 * Admits requests: finds the client's address, limits its requests at once, and knows who may do
 * what. Thread-safe.
 *
 * @param forwarding finds the address of the client, also behind reverse proxies
 * @param limit the limit of requests at once for each address
 * @param control decides what clients may do, or null if everybody may pull
 */
public record ClientAccess(
    Forwarding forwarding, ClientLimit limit, @Nullable AccessControl control) {
  /**
   * Admits a request. Until it ends, it counts against the limit of its client.
   *
   * @throws io.entrepot.oci.OciException if the client has too many unfinished requests
   */
  void enter(Exchange exchange) {
    exchange.onEnd(limit.enter(exchange.facts().address()));
  }
}
