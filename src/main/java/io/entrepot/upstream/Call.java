package io.entrepot.upstream;

import io.entrepot.oci.Cost;

/**
 * One call of the seam, which may take several HTTP requests.
 *
 * @param scope the right it takes
 * @param cost where its requests are counted
 * @param deadline when it must have ended
 */
record Call(Scope scope, Cost cost, Deadline deadline) {}
