package io.entrepot.config;

import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;

/**
 * A certificate chain and its private key. The text form contains no secret.
 *
 * @param chain the own certificate, then its authorities; not empty
 * @param key the private key of the first certificate
 */
public record TlsIdentity(List<X509Certificate> chain, PrivateKey key) {
  public TlsIdentity {
    chain = List.copyOf(chain);
  }

  @Override
  public String toString() {
    return "identity of " + chain.get(0).getSubjectX500Principal();
  }
}
