package io.entrepot.upstream.wire;

import io.entrepot.oci.Cost;
import io.entrepot.upstream.Scope;

/**
 * One call to an upstream. It may take several HTTP requests.
 *
 * @param scope the right that it needs
 * @param list whether it asks for a list of tags; some registries demand another right for it
 * @param cost where its requests are counted
 * @param deadline by when it must have ended
 */
public record Call(Scope scope, boolean list, Cost cost, CallDeadline deadline) {
  /** The same call, with a question about the upstream itself in place of its own. */
  public Call aboutUpstream() {
    return new Call(Scope.NONE, false, cost, deadline);
  }
}
