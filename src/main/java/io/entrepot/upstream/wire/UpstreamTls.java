package io.entrepot.upstream.wire;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The TLS settings of one upstream: whom to trust, and our own certificate (S23).
 *
 * @param authorities trusted besides those of the Java runtime, for the upstream and the places it
 *     redirects to
 * @param client our certificate, or null; shown only to the upstream's own origin and those of its
 *     trusted realms
 * @param unverified whether the upstream's own origin, and no other, may show any certificate
 */
public record UpstreamTls(
    List<X509Certificate> authorities, @Nullable ClientCertificate client, boolean unverified) {
  /** What the Java runtime trusts, and no certificate of our own. */
  public static final UpstreamTls DEFAULT = new UpstreamTls(List.of(), null, false);

  public UpstreamTls {
    authorities = List.copyOf(authorities);
  }
}
