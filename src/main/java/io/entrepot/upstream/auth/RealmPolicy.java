package io.entrepot.upstream.auth;

import io.entrepot.upstream.Origin;
import java.net.URI;
import java.util.List;

/**
 * Which realms are asked for a token, and which of them see the credentials (S1). A realm is named
 * by a challenge, which comes from the network, so it can be any URL:
 *
 * <ul>
 *   <li>the upstream's own origin or a trusted realm, over https or on the loopback: asked with the
 *       credentials;
 *   <li>any other realm over https: asked anonymously. Public registries need that, since their
 *       token service has another origin;
 *   <li>the upstream's own origin over plain http: asked anonymously. The request itself goes over
 *       plain http too, so the token exposes nothing more;
 *   <li>a realm on the loopback, where the upstream is on the loopback too: asked anonymously. For
 *       any other upstream it would be a way to reach services of this machine (S4);
 *   <li>all other realms: not asked.
 * </ul>
 *
 * @param upstream where the challenges come from
 * @param trusted realms at other origins that may see the credentials
 */
public record RealmPolicy(Origin upstream, List<TrustedRealm> trusted) {

  /** How far a realm is trusted: what may be sent to it. */
  public enum Trust {
    /** A request with the credentials. */
    CREDENTIALS,
    /** A request without credentials. */
    ANONYMOUS_ONLY,
    /** No request at all. */
    NONE
  }

  Trust trustIn(URI realm) {
    Origin origin = Origin.of(realm).orElse(null);
    if (origin == null || realm.getRawFragment() != null) {
      return Trust.NONE;
    }
    boolean own = origin.equals(upstream);
    boolean known = own || trusted.stream().anyMatch(t -> t.matches(realm));
    if (known && origin.isConfidential()) {
      return Trust.CREDENTIALS;
    }
    boolean bothLoopback = origin.isLoopback() && upstream.isLoopback();
    boolean elsewhere = origin.isHttps() && (known || !origin.isLoopback());
    return own || elsewhere || bothLoopback ? Trust.ANONYMOUS_ONLY : Trust.NONE;
  }

  /**
   * How far a realm is trusted that a host names to which the upstream redirects: over https, and
   * never with credentials. One on the loopback is asked only where the upstream is there too (S4).
   */
  Trust trustOfTarget(URI realm) {
    Origin origin = Origin.of(realm).orElse(null);
    boolean asked =
        origin != null
            && realm.getRawFragment() == null
            && (origin.isLoopback() ? upstream.isLoopback() : origin.isHttps());
    return asked ? Trust.ANONYMOUS_ONLY : Trust.NONE;
  }

  /** Whether a password may be sent to the upstream itself. */
  boolean allowsPassword() {
    return upstream.isConfidential();
  }
}
