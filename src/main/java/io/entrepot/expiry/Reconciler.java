package io.entrepot.expiry;

import io.entrepot.catalog.Catalog;

/**
 * Brings the leases in line with the catalog and the policy, in bounded batches: after the ttl or
 * its basis changed every blob is leased anew, otherwise only those that have no lease. A run that
 * is stopped goes on where it was, at the next start.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class Reconciler {
  /** Wires the collaborators. */
  public Reconciler(Catalog catalog, Leases leases, ExpiryPolicy policy) {
    throw todo();
  }

  /**
   * Does all that is to be done; for a background thread, at every start.
   *
   * @return how many leases were added, replaced or released
   */
  public long run() {
    throw todo();
  }

  /** Makes a running {@link #run} return after its batch, and any later one at once. */
  public void stop() {
    throw todo();
  }

  private static UnsupportedOperationException todo() {
    return new UnsupportedOperationException("to come");
  }
}
