package io.entrepot.upstream.wire;

import java.security.cert.X509Certificate;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How TLS is spoken with one upstream: whom to trust, and who we are (S23).
 *
 * @param authorities trusted besides those that the Java runtime trusts, by the upstream and by the
 *     places it sends us to
 * @param client shown to the upstream's own host and its trusted realms only, or null
 * @param unverified whether the upstream's own host, and no other, may show any certificate
 */
public record UpstreamTls(
    List<X509Certificate> authorities, @Nullable ClientCertificate client, boolean unverified) {
  /** What the Java runtime trusts, and no certificate of our own. */
  public static final UpstreamTls DEFAULT = new UpstreamTls(List.of(), null, false);

  public UpstreamTls {
    authorities = List.copyOf(authorities);
  }
}
