package io.entrepot.access;

import java.security.GeneralSecurityException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Verifies that certificates come from given authorities, and from no others (RFC 5280). It asks
 * nobody whether one was revoked. Thread-safe.
 */
final class CertificateChains {
  /** The certificate itself, and the authorities between it and ours. */
  static final int MAX_LENGTH = 5;

  private final List<X509Certificate> authorities;
  private final Clock clock;

  CertificateChains(List<X509Certificate> authorities, Clock clock) {
    this.authorities = List.copyOf(authorities);
    this.clock = clock;
  }

  List<X509Certificate> authorities() {
    return authorities;
  }

  /**
   * Verifies a chain.
   *
   * @param chain the certificate in question first, then each time the one of its issuer
   * @return until when the whole chain is valid
   * @throws GeneralSecurityException if it does not lead to one of the authorities, or is not valid
   *     now
   */
  Instant verify(List<X509Certificate> chain) throws GeneralSecurityException {
    int length = 0;
    while (length < chain.size() && !authorities.contains(chain.get(length))) {
      length++;
    }
    if (chain.isEmpty() || chain.size() > MAX_LENGTH) {
      throw new GeneralSecurityException("a chain of " + chain.size() + " certificates");
    }
    List<X509Certificate> below = chain.subList(0, length);
    Date now = Date.from(clock.instant());
    if (below.isEmpty()) {
      chain.get(0).checkValidity(now); // one of the authorities themselves
    } else {
      Set<TrustAnchor> anchors =
          authorities.stream()
              .map(authority -> new TrustAnchor(authority, null))
              .collect(Collectors.toSet());
      PKIXParameters parameters = new PKIXParameters(anchors);
      parameters.setRevocationEnabled(false);
      parameters.setDate(now);
      var unused =
          CertPathValidator.getInstance("PKIX")
              .validate(
                  CertificateFactory.getInstance("X.509").generateCertPath(below), parameters);
    }
    Instant until =
        chain.stream()
            .map(certificate -> certificate.getNotAfter().toInstant())
            .min(Instant::compareTo)
            .orElseThrow();
    if (until.isBefore(clock.instant())) {
      throw new GeneralSecurityException("the certificate of its authority has expired");
    }
    return until;
  }
}
