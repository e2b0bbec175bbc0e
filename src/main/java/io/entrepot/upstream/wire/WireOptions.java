package io.entrepot.upstream.wire;

import io.entrepot.upstream.Origin;
import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * How to connect to an upstream.
 *
 * @param uri scheme, host and port, and perhaps the path that begins each repository name
 * @param timeouts how long to wait
 * @param maxConnections to the upstream, its token service and the places it redirects to,
 *     together; 1 or more. Each fill holds one until it ends
 * @param proxy the forward proxy, or null to connect directly
 * @param userAgent the name of this program in requests
 * @param tls which servers to trust, and the client certificate
 * @param redirects where inside our own network it may lead to
 */
public record WireOptions(
    URI uri,
    Timeouts timeouts,
    int maxConnections,
    @Nullable OutboundProxy proxy,
    String userAgent,
    UpstreamTls tls,
    RedirectTargets redirects) {
  public WireOptions {
    boolean bare = uri.getRawQuery() == null && uri.getRawFragment() == null;
    if (Origin.of(uri).isEmpty() || !bare) {
      throw new IllegalArgumentException("an upstream is an http or https URL without a query");
    }
    if (maxConnections < 1) {
      throw new IllegalArgumentException(
          "an upstream needs one connection or more: " + maxConnections);
    }
  }

  /** Directly, and with the default limits. */
  public static WireOptions of(URI uri) {
    return new WireOptions(
        uri, Timeouts.DEFAULT, 64, null, "entrepot", UpstreamTls.DEFAULT, RedirectTargets.NONE);
  }

  /** The origin of {@link #uri}. */
  public Origin origin() {
    return Origin.of(uri).orElseThrow();
  }

  /** The same for another registry, such as a mirror. */
  public WireOptions at(URI other) {
    return new WireOptions(other, timeouts, maxConnections, proxy, userAgent, tls, redirects);
  }

  public WireOptions withTimeouts(Timeouts other) {
    return new WireOptions(uri, other, maxConnections, proxy, userAgent, tls, redirects);
  }

  public WireOptions withMaxConnections(int count) {
    return new WireOptions(uri, timeouts, count, proxy, userAgent, tls, redirects);
  }

  public WireOptions withProxy(@Nullable OutboundProxy other) {
    return new WireOptions(uri, timeouts, maxConnections, other, userAgent, tls, redirects);
  }

  public WireOptions withUserAgent(String other) {
    return new WireOptions(uri, timeouts, maxConnections, proxy, other, tls, redirects);
  }

  public WireOptions withTls(UpstreamTls other) {
    return new WireOptions(uri, timeouts, maxConnections, proxy, userAgent, other, redirects);
  }

  public WireOptions withRedirects(RedirectTargets others) {
    return new WireOptions(uri, timeouts, maxConnections, proxy, userAgent, tls, others);
  }
}
