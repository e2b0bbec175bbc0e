package io.entrepot.expiry;

import io.entrepot.oci.Digest;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * The leases: until when each digest stays. They outlive a restart.
 *
 * <p>A lease that runs out is handed to whoever was given to {@link #start}, and again every {@link
 * #RETRY} until it is replaced or released. So nothing is left for good if that fails or the
 * process dies. Leases go by the system's time.
 *
 * <p>Safe for concurrent use. Methods that read or write may wait for the database, and throw
 * {@link LeaseException} when it fails. {@code LeasesContract}, among the tests, has the facts that
 * every kind must pass.
 */
public interface Leases extends AutoCloseable {
  /** How long after it fired a lease fires again, unless it was replaced or released. */
  Duration RETRY = Duration.ofMinutes(10);

  /** Leases a digest until an instant, replacing the lease it has. */
  default void lease(Digest digest, Instant expiry) {
    lease(Map.of(digest, expiry));
  }

  /** Leases many digests in one transaction; the caller bounds the batch, say to 1,000. */
  void lease(Map<Digest, Instant> expiries);

  /** Takes the lease of a digest away, if it has one. */
  default void release(Digest digest) {
    release(List.of(digest));
  }

  /** Takes the leases of many digests away in one transaction; the caller bounds the batch. */
  void release(Collection<Digest> digests);

  /** When a digest's lease runs out, in whole milliseconds. */
  Optional<Instant> find(Digest digest);

  /** Tells which of some digests have no lease; the caller bounds the batch. */
  List<Digest> unleased(Collection<Digest> digests);

  /**
   * The leased digests that follow one, in an order of their own.
   *
   * @param last the last digest of the batch before; null to begin
   * @param max 1 or more
   */
  List<Digest> digestsAfter(@Nullable Digest last, int max);

  /** How many digests are leased. Where they are very many, the count may be a while old. */
  long count();

  /** A count that rises whenever a failed write may have undone changes of leases. */
  long losses();

  /**
   * Begins to hand on leases that have run out, those of the time before a restart first.
   *
   * @param onExpiry called from a few threads, in the order of expiry, at a bounded pace; what it
   *     throws is logged
   */
  void start(Consumer<Digest> onExpiry);

  /**
   * Runs a chore now and again and again, from {@link #start} to {@link #close}.
   *
   * @param name its own, at most 100 characters
   * @param interval from one beginning to the next
   * @param chore called on a thread that expiry needs: it must hand long work on
   */
  void every(String name, Duration interval, Runnable chore);

  /**
   * Runs a chore at certain times, from {@link #start} to {@link #close}. A time that passed while
   * nothing ran is made up for once.
   *
   * @param name its own, at most 100 characters; one with other times needs another name
   * @param next the next time after another
   * @param chore called on a thread that expiry needs: it must hand long work on
   */
  void at(String name, UnaryOperator<Instant> next, Runnable chore);

  /**
   * Stops handing on and waits for calls that run, up to ten seconds; no thread is left. Closing
   * again does nothing.
   */
  @Override
  void close();
}
