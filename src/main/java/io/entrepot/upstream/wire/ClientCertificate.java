package io.entrepot.upstream.wire;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * The certificate and key that this cache shows to an upstream. Its {@code toString} shows no
 * secret.
 *
 * @param chain its own certificate first, then those that lead to an authority; not empty
 * @param key the private key of the first
 */
public record ClientCertificate(List<X509Certificate> chain, PrivateKey key) {
  public ClientCertificate {
    chain = List.copyOf(chain);
    if (chain.isEmpty()) {
      throw new IllegalArgumentException("a client certificate without a certificate");
    }
  }

  @Override
  public String toString() {
    return "client certificate of " + chain.get(0).getSubjectX500Principal();
  }
}
