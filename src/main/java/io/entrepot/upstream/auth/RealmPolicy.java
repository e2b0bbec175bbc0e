package io.entrepot.upstream.auth;

import io.entrepot.upstream.Origin;
import java.net.URI;
import java.util.List;

/**
 * Who may be asked for a token, and who may see the credentials with it (S1). A challenge comes
 * from the network; its realm is anybody's until it is one of these:
 *
 * <ul>
 *   <li>the upstream's own origin or a trusted realm, over https or on the loopback: the
 *       credentials are sent;
 *   <li>any other over https: a token is asked for, anonymously. That much public registries need,
 *       whose token service has an origin of its own;
 *   <li>the upstream's own origin over plain http, where the upstream itself is configured so:
 *       anonymously, since nothing is exposed that the request itself does not expose;
 *   <li>a loopback realm of a loopback upstream: anonymously. A realm on the loopback named by an
 *       upstream elsewhere would let that upstream reach services of this machine (S4);
 *   <li>all else: not asked at all.
 * </ul>
 */
public record RealmPolicy(Origin upstream, List<TrustedRealm> trusted) {

  /** What a realm may have. */
  public enum Verdict {
    CREDENTIALS,
    ANONYMOUS_ONLY,
    NOTHING
  }

  Verdict judge(URI realm) {
    Origin origin = Origin.of(realm).orElse(null);
    if (origin == null || realm.getRawFragment() != null) {
      return Verdict.NOTHING;
    }
    boolean own = origin.equals(upstream);
    boolean known = own || trusted.stream().anyMatch(t -> t.matches(realm));
    if (known && origin.isConfidential()) {
      return Verdict.CREDENTIALS;
    }
    boolean bothLoopback = origin.isLoopback() && upstream.isLoopback();
    boolean elsewhere = origin.isHttps() && (known || !origin.isLoopback());
    return own || elsewhere || bothLoopback ? Verdict.ANONYMOUS_ONLY : Verdict.NOTHING;
  }

  /** Whether a password may be sent to the upstream itself. */
  boolean allowsPassword() {
    return upstream.isConfidential();
  }
}
