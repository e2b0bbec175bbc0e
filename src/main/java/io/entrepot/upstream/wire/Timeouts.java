package io.entrepot.upstream.wire;

import java.time.Duration;

/**
 * How long to wait for an upstream. Each is more than zero.
 *
 * @param connect for the TCP connection, and again for the TLS handshake
 * @param response from the request to the end of the response's head
 * @param idle between two reads of a body
 * @param lease for one of the pooled connections to become free
 * @param total for a whole call, with its redirects, its token and its retry. It ends where the
 *     body of a blob begins, and where any other body has been read
 */
public record Timeouts(
    Duration connect, Duration response, Duration idle, Duration lease, Duration total) {
  public static final Timeouts DEFAULT =
      new Timeouts(
          Duration.ofSeconds(5),
          Duration.ofSeconds(15),
          Duration.ofSeconds(30),
          Duration.ofSeconds(10),
          Duration.ofSeconds(30));

  public Timeouts {
    for (Duration each : new Duration[] {connect, response, idle, lease, total}) {
      if (each.isNegative() || each.isZero()) {
        throw new IllegalArgumentException("a timeout of " + each + " is not more than zero");
      }
    }
  }
}
