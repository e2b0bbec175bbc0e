package io.entrepot.expiry;

import io.entrepot.oci.Digest;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import javax.sql.DataSource;

/**
 * Until when each digest stays: one durable Quartz trigger per digest, named as the digest.
 *
 * <p>A lease that runs out is handed to whoever was given to {@link #start}, and again every {@link
 * #RETRY} until it is replaced or released; so nothing leaks if that fails or the process dies.
 *
 * <p>Safe for concurrent use. Methods that read or write throw {@link LeaseException} when the
 * database fails.
 */
@SuppressWarnings({"DoNotCallSuggester", "UnusedVariable"}) // bodies follow
public final class Leases implements AutoCloseable {
  /** How long after it fired a lease fires again, unless it was replaced or released. */
  public static final Duration RETRY = Duration.ofMinutes(10);

  /**
   * Creates or migrates the tables.
   *
   * @param dataSource H2 or PostgreSQL; stays the caller's to close, after this
   * @param pace at what rate leases that have run out are handed on
   * @param meters gets the gauge {@code entrepot.leases}
   */
  public Leases(DataSource dataSource, Pace pace, MeterRegistry meters) {
    throw todo();
  }

  /** Leases a digest until an instant, replacing the lease it has. */
  public void lease(Digest digest, Instant expiry) {
    throw todo();
  }

  /** Leases many digests in one transaction; the caller bounds the batch, say to 1,000. */
  public void lease(Map<Digest, Instant> expiries) {
    throw todo();
  }

  /** Takes the lease of a digest away, if it has one. */
  public void release(Digest digest) {
    throw todo();
  }

  /** Takes the leases of many digests away in one transaction; the caller bounds the batch. */
  public void release(Collection<Digest> digests) {
    throw todo();
  }

  /** When a digest's lease runs out, in whole milliseconds. */
  public Optional<Instant> find(Digest digest) {
    throw todo();
  }

  /** How many digests are leased. */
  public long count() {
    throw todo();
  }

  /**
   * Begins to hand on leases that have run out, those of the time before a restart first.
   *
   * @param onExpiry called from up to two threads, in the order of expiry, at most at the given
   *     pace; what it throws is logged
   */
  public void start(Consumer<Digest> onExpiry) {
    throw todo();
  }

  /** Stops handing on and waits for calls that run, up to ten seconds; no thread is left. */
  @Override
  public void close() {}

  private static UnsupportedOperationException todo() {
    return new UnsupportedOperationException("to come");
  }
}
