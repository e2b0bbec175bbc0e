package io.entrepot.upstream.wire;

import io.entrepot.oci.Cost;
import io.entrepot.upstream.Scope;

/**
 * One call of the seam, which may take several HTTP requests.
 *
 * @param scope the right it takes
 * @param cost where its requests are counted
 * @param deadline when it must have ended
 */
public record Call(Scope scope, Cost cost, CallDeadline deadline) {}
