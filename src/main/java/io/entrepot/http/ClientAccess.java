package io.entrepot.http;

import io.entrepot.access.Authenticator;
import io.entrepot.access.Client;

/**
 * How clients are let in: from which address they come, who they are, and how many requests each
 * may have under way. Thread-safe.
 *
 * @param forwarding tells the address, also behind reverse proxies
 * @param authenticator tells who it is
 * @param limit of requests at once
 */
public record ClientAccess(Forwarding forwarding, Authenticator authenticator, ClientLimit limit) {
  /**
   * Lets a request in, which counts for its client until it ends.
   *
   * @throws io.entrepot.oci.OciException where the client has too many requests under way, or does
   *     not prove who it claims to be
   */
  Client enter(Exchange exchange) {
    String address = exchange.facts().address();
    exchange.onEnd(limit.enter(address));
    return authenticator.authenticate(address, exchange.header("Authorization"));
  }
}
