package io.entrepot.access;

import java.net.URI;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.Optional;

/**
 * Somebody else's token service, which signs the tokens of clients in place of our own.
 *
 * @param realm where clients get tokens
 * @param service what it calls this registry; tokens must be for it
 * @param issuer what it calls itself
 * @param roots the certificates of its keys, or of the authorities of them; may be empty
 * @param jwks the absolute path of a file with its public keys
 */
public record ForeignTokenService(
    URI realm, String service, String issuer, List<X509Certificate> roots, Optional<Path> jwks) {
  public ForeignTokenService {
    roots = List.copyOf(roots);
  }
}
