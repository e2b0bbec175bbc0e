package io.entrepot.upstream.wire;

import io.entrepot.oci.Cost;
import io.entrepot.upstream.ClientCredentials;
import io.entrepot.upstream.Scope;
import org.jspecify.annotations.Nullable;

/**
 * One call to an upstream. It may take several HTTP requests.
 *
 * @param scope the right that it needs
 * @param list whether it asks for a list of tags; some registries demand another right for it
 * @param cost where its requests are counted
 * @param deadline by when it must have ended
 * @param client the client whose user name and password decide, or null if our own do
 */
public record Call(
    Scope scope,
    boolean list,
    Cost cost,
    CallDeadline deadline,
    @Nullable ClientCredentials client) {
  /** With our own credentials. */
  public Call(Scope scope, boolean list, Cost cost, CallDeadline deadline) {
    this(scope, list, cost, deadline, null);
  }

  /** The same call, with a question about the upstream itself in place of its own. */
  public Call aboutUpstream() {
    return new Call(Scope.NONE, false, cost, deadline, client);
  }
}
