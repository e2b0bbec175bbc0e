package io.entrepot.access;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Logs in by the certificate that a client shows in TLS. Its chain is verified again here, because
 * the server may trust other authorities too. What was verified is remembered until it expires.
 * Thread-safe.
 */
public final class ClientCertificates {
  /** The way to log in, for principals and rules. */
  public static final String WAY = "tls";

  private static final String CLIENT_AUTH = "1.3.6.1.5.5.7.3.2";
  private static final String ANY_PURPOSE = "2.5.29.37.0";

  // Kinds of alternative names (RFC 5280, 4.2.1.6).
  private static final int MAIL = 1;
  private static final int DNS = 2;
  private static final int URI = 6;

  private final CertificateChains chains;
  private final UserFrom from;
  private final Clock clock;
  private final Cache<X509Certificate, Known> verified;

  /** Which name of a certificate is the user name. */
  public enum UserFrom {
    /** The first alternative name: a mail address, else a URI, else a DNS name. */
    SAN,
    /** The common name of the subject. */
    CN
  }

  private record Known(Principal principal, Instant until) {}

  /**
   * @param authorities whose certificates count
   */
  public ClientCertificates(
      List<X509Certificate> authorities, UserFrom from, MemoryBudget memory, Clock clock) {
    this.chains = new CertificateChains(authorities, clock);
    this.from = from;
    this.clock = clock;
    this.verified =
        memory.cache(
            Share.LOGINS,
            (certificate, known) ->
                Weight.ENTRY
                    + 2 * Weight.RECORD
                    + size(certificate)
                    + Weight.of(known.principal().name()));
  }

  /** A certificate in memory has its bytes, and about as much of what was read from them. */
  private static int size(X509Certificate certificate) {
    try {
      return 2 * certificate.getEncoded().length;
    } catch (GeneralSecurityException e) {
      throw new IllegalArgumentException("a certificate that has no bytes", e);
    }
  }

  /**
   * Whose a certificate is.
   *
   * @param chain that of the client first; may be empty
   * @return empty if it is not of our authorities, not for clients, or has no name
   */
  public Optional<Principal> identify(List<X509Certificate> chain) {
    if (chain.isEmpty()) {
      return Optional.empty();
    }
    X509Certificate own = chain.get(0);
    Known known = verified.getIfPresent(own);
    if (known == null) {
      Optional<Known> found = verify(own, chain);
      found.ifPresent(proven -> verified.put(own, proven));
      return found.map(Known::principal);
    }
    return clock.instant().isBefore(known.until())
        ? Optional.of(known.principal())
        : Optional.empty();
  }

  private Optional<Known> verify(X509Certificate own, List<X509Certificate> chain) {
    try {
      Instant until = chains.verify(chain);
      return isForClients(own)
          ? name(own).filter(Principal::isName).map(n -> new Known(new Principal(WAY, n), until))
          : Optional.empty();
    } catch (GeneralSecurityException | RuntimeException e) {
      return Optional.empty();
    }
  }

  /** A certificate that names no purpose is for all. An authority is no client. */
  private static boolean isForClients(X509Certificate certificate)
      throws CertificateParsingException {
    List<String> purposes = certificate.getExtendedKeyUsage();
    boolean[] usage = certificate.getKeyUsage();
    return certificate.getBasicConstraints() < 0
        && (usage == null || usage[0]) // it may sign
        && (purposes == null || purposes.contains(CLIENT_AUTH) || purposes.contains(ANY_PURPOSE));
  }

  private Optional<String> name(X509Certificate certificate) throws CertificateParsingException {
    if (from == UserFrom.CN) {
      return CommonName.of(certificate.getSubjectX500Principal());
    }
    Collection<List<?>> names = certificate.getSubjectAlternativeNames();
    return names == null
        ? Optional.empty()
        : Stream.of(MAIL, URI, DNS)
            .flatMap(kind -> names.stream().filter(name -> kind.equals(name.get(0))))
            .map(name -> String.valueOf(name.get(1)))
            .findFirst();
  }
}
