package io.entrepot.expiry;

import io.entrepot.catalog.Catalog;
import io.entrepot.oci.Digest;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.function.Predicate;

/**
 * Decides what happens when a lease runs out: links that have expired go, the lease is renewed for
 * those that live, and a blob without any goes from the disk a grace later.
 *
 * <p>Two steps, since a server may open a file after it was promised (Tomcat's sendfile): unlinked
 * now, removed when the lease runs out once more.
 *
 * <p>Safe for concurrent use.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class Evictor {
  /**
   * Wires the collaborators.
   *
   * @param pinned whether a digest must not go now, as while it is filled
   * @param unlinkGrace from the last unlink to the removal; 0 to {@link Leases#RETRY}
   * @param meters gets the counters {@code entrepot.evictions}, {@code entrepot.renewals}, {@code
   *     entrepot.evicted.bytes} and {@code entrepot.eviction.failures}
   */
  public Evictor(
      Catalog catalog,
      Leases leases,
      BlobRemover remover,
      Predicate<Digest> pinned,
      ExpiryPolicy policy,
      Duration unlinkGrace,
      Clock clock,
      MeterRegistry meters) {
    throw todo();
  }

  /**
   * Sees that a digest linked just now is leased, at the latest until that link expires; an earlier
   * lease stands, since another repository's link may expire sooner.
   */
  public void linked(Digest digest, Instant now) {
    throw todo();
  }

  /**
   * Decides about a digest whose lease has run out. Never throws: what fails is logged and retried
   * when the lease fires again.
   */
  public void expire(Digest digest) {
    throw todo();
  }

  private static UnsupportedOperationException todo() {
    return new UnsupportedOperationException("to come");
  }
}
