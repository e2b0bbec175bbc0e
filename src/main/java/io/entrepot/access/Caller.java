package io.entrepot.access;

import java.util.List;

/**
 * What a request shows of who sends it.
 *
 * @param address the IP address of the client
 * @param authorization the fields {@code Authorization}
 * @param realm the realm of the server
 */
public record Caller(String address, List<String> authorization, ServerRealm realm) {
  public Caller {
    authorization = List.copyOf(authorization);
  }
}
