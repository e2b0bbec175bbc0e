package io.entrepot.upstream.registry;

import io.entrepot.upstream.Origin;
import io.entrepot.upstream.auth.TrustedRealm;
import io.entrepot.upstream.credentials.CredentialSource;
import io.entrepot.upstream.credentials.Credentials;
import io.entrepot.upstream.pace.Restraint;
import io.entrepot.upstream.wire.OutboundProxy;
import io.entrepot.upstream.wire.Timeouts;
import io.entrepot.upstream.wire.UpstreamTls;
import java.net.URI;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What an {@link HttpRegistry} is made from.
 *
 * @param uri scheme, host and port; no path, since registries live at the root of their host
 * @param credentials where to find who to come as; sent only over https (loopback excepted), and
 *     only to the upstream's own origin or a trusted realm
 * @param anonymousFallback whether to come as nobody in particular where they are refused
 * @param trustedRealms token services at other origins that may see the credentials
 * @param timeouts how long to wait
 * @param maxConnections to the upstream, its token service and the places it redirects to together,
 *     1 or more; each fill holds one for as long as it lasts
 * @param proxy the forward proxy, or null to connect directly
 * @param userAgent what names this program to the upstream
 * @param tls whom to trust, and with which client certificate
 * @param restraint how it is spared
 */
public record UpstreamOptions(
    URI uri,
    CredentialSource credentials,
    boolean anonymousFallback,
    List<TrustedRealm> trustedRealms,
    Timeouts timeouts,
    int maxConnections,
    @Nullable OutboundProxy proxy,
    String userAgent,
    UpstreamTls tls,
    Restraint restraint) {

  public UpstreamOptions {
    boolean bare = uri.getRawQuery() == null && uri.getRawFragment() == null;
    String path = uri.getRawPath() == null ? "" : uri.getRawPath();
    if (Origin.of(uri).isEmpty() || !bare || !(path.isEmpty() || path.equals("/"))) {
      throw new IllegalArgumentException(
          "an upstream is an http or https URL of scheme, host and port only");
    }
    if (maxConnections < 1) {
      throw new IllegalArgumentException("no connections: " + maxConnections);
    }
    trustedRealms = List.copyOf(trustedRealms);
  }

  /** An upstream that is asked anonymously, directly, and with the default limits. */
  public static UpstreamOptions of(URI uri) {
    return new UpstreamOptions(
        uri,
        CredentialSource.ANONYMOUS,
        false,
        List.of(),
        Timeouts.DEFAULT,
        64,
        null,
        "entrepot",
        UpstreamTls.DEFAULT,
        Restraint.DEFAULT);
  }

  public UpstreamOptions withCredentials(Credentials fixed) {
    return withCredentials(CredentialSource.of(fixed));
  }

  public UpstreamOptions withCredentials(CredentialSource other) {
    return new UpstreamOptions(
        uri,
        other,
        anonymousFallback,
        trustedRealms,
        timeouts,
        maxConnections,
        proxy,
        userAgent,
        tls,
        restraint);
  }

  public UpstreamOptions withAnonymousFallback(boolean fallback) {
    return new UpstreamOptions(
        uri,
        credentials,
        fallback,
        trustedRealms,
        timeouts,
        maxConnections,
        proxy,
        userAgent,
        tls,
        restraint);
  }

  public UpstreamOptions withTrustedRealms(List<TrustedRealm> others) {
    return new UpstreamOptions(
        uri,
        credentials,
        anonymousFallback,
        others,
        timeouts,
        maxConnections,
        proxy,
        userAgent,
        tls,
        restraint);
  }

  public UpstreamOptions withTimeouts(Timeouts others) {
    return new UpstreamOptions(
        uri,
        credentials,
        anonymousFallback,
        trustedRealms,
        others,
        maxConnections,
        proxy,
        userAgent,
        tls,
        restraint);
  }

  public UpstreamOptions withMaxConnections(int count) {
    return new UpstreamOptions(
        uri,
        credentials,
        anonymousFallback,
        trustedRealms,
        timeouts,
        count,
        proxy,
        userAgent,
        tls,
        restraint);
  }

  public UpstreamOptions withProxy(@Nullable OutboundProxy other) {
    return new UpstreamOptions(
        uri,
        credentials,
        anonymousFallback,
        trustedRealms,
        timeouts,
        maxConnections,
        other,
        userAgent,
        tls,
        restraint);
  }

  public UpstreamOptions withUserAgent(String other) {
    return new UpstreamOptions(
        uri,
        credentials,
        anonymousFallback,
        trustedRealms,
        timeouts,
        maxConnections,
        proxy,
        other,
        tls,
        restraint);
  }

  public UpstreamOptions withTls(UpstreamTls other) {
    return new UpstreamOptions(
        uri,
        credentials,
        anonymousFallback,
        trustedRealms,
        timeouts,
        maxConnections,
        proxy,
        userAgent,
        other,
        restraint);
  }

  public UpstreamOptions withRestraint(Restraint other) {
    return new UpstreamOptions(
        uri,
        credentials,
        anonymousFallback,
        trustedRealms,
        timeouts,
        maxConnections,
        proxy,
        userAgent,
        tls,
        other);
  }
}
