package io.entrepot.access;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a request shows of who sends it.
 *
 * @param address the IP address of the client
 * @param authorization the fields {@code Authorization}
 * @param certificates the certificate of the client in TLS and those of its issuers; empty if it
 *     has shown none, or nobody looks at them
 * @param realm the realm of the server
 * @param upstream the name of the upstream that passwords are for; null if they are for a way to
 *     log in here
 */
public record Caller(
    String address,
    List<String> authorization,
    List<X509Certificate> certificates,
    ServerRealm realm,
    @Nullable String upstream) {
  public Caller {
    authorization = List.copyOf(authorization);
    certificates = List.copyOf(certificates);
  }
}
