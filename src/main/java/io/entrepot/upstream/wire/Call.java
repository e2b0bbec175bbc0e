package io.entrepot.upstream.wire;

import io.entrepot.oci.Cost;
import io.entrepot.upstream.Scope;

/**
 * One call to an upstream. It may take several HTTP requests.
 *
 * @param scope the right that it needs
 * @param cost where its requests are counted
 * @param deadline by when it must have ended
 */
public record Call(Scope scope, Cost cost, CallDeadline deadline) {}
