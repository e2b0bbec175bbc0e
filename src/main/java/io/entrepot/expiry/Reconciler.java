package io.entrepot.expiry;

import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.DigestWalk;
import io.entrepot.catalog.Link;
import io.entrepot.oci.Digest;
import io.entrepot.routing.ExpiryPolicy;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings the leases in line with the catalog and the policies, in bounded batches. After a ttl or
 * its basis has changed, every blob is leased anew; otherwise only those that have no lease. A
 * lease without a blob becomes due at once. A run that is stopped goes on at the next start, where
 * it was.
 */
public final class Reconciler {
  private static final Logger log = LoggerFactory.getLogger(Reconciler.class);

  /** The setting that names the policies of all leases; absent while leases change. */
  private static final String APPLIED = "expiry.applied";

  /** The setting that names the policies to which leases are being changed. */
  private static final String TARGET = "expiry.target";

  /** The setting that names the last digest that was changed. */
  private static final String PROGRESS = "expiry.progress";

  private static final int BATCH = DigestWalk.BATCH;

  private final Catalog catalog;
  private final Leases leases;
  private final Retention retention;
  private volatile boolean stopped;
  private volatile long losses;

  /** Wires the collaborators. */
  public Reconciler(Catalog catalog, Leases leases, Retention retention) {
    this.catalog = catalog;
    this.leases = leases;
    this.retention = retention;
  }

  /**
   * Brings all leases in line; for a background thread, at every start and after a {@linkplain
   * #hasLost loss}.
   *
   * @return how many leases were added, replaced or released
   */
  public long run() {
    long before = leases.losses();
    long changed = leaseAnewIfChanged(retention.text()) + alignAll();
    losses = before;
    return changed;
  }

  /**
   * Whether a failure of the database may have undone changes of leases since the last complete
   * run.
   */
  public boolean hasLost() {
    return leases.losses() != losses;
  }

  private long leaseAnewIfChanged(String wanted) {
    boolean applied = catalog.texts().find(APPLIED).filter(wanted::equals).isPresent();
    return applied ? 0 : leaseAnew(wanted);
  }

  /** Leases blobs that have no lease, and makes leases that have no blob due. */
  private long alignAll() {
    AtomicLong added = new AtomicLong();
    AtomicLong ended = new AtomicLong();
    DigestWalk.compare(
        new DigestWalk(this::next),
        new DigestWalk(last -> stopped ? List.of() : leases.digestsAfter(last, BATCH)),
        unleased -> added.addAndGet(addMissing(unleased)),
        stale -> ended.addAndGet(endStale(stale)));
    if (added.get() + ended.get() > 0) {
      log.info("{} blobs had no lease and have one; {} leases had no blob and end", added, ended);
    }
    return added.get() + ended.get();
  }

  private int addMissing(List<Digest> digests) {
    return stopped || retention.isNever() ? 0 : lease(leases.unleased(digests));
  }

  /**
   * Makes leases without a blob due. They are not released here, since their blob may come at this
   * very moment; the evictor decides then.
   */
  private int endStale(List<Digest> digests) {
    if (stopped) {
      return 0;
    }
    Instant now = Instant.now(); // Quartz goes by the system's time
    Map<Digest, Instant> stale = new HashMap<>();
    catalog.blobs().unknown(digests).forEach(digest -> stale.put(digest, now));
    leases.lease(stale);
    return stale.size();
  }

  /** Makes a running {@link #run} return after its batch, and any later one at once. */
  public void stop() {
    stopped = true;
  }

  private long leaseAnew(String wanted) {
    Digest done = resume(wanted).orElse(null);
    log.info("Leasing all blobs anew for {}", wanted);
    catalog.flush();
    long changed = 0;
    List<Digest> batch = next(done);
    while (!batch.isEmpty()) {
      changed += leaseOrRelease(batch);
      catalog.texts().put(PROGRESS, last(batch).toString());
      batch = next(last(batch));
    }
    if (!stopped) {
      catalog.texts().put(APPLIED, wanted);
      catalog.texts().put(TARGET, null);
      catalog.texts().put(PROGRESS, null);
      log.info("Leased {} blobs anew for {}", changed, wanted);
    }
    return changed;
  }

  /**
   * Where an earlier run with the same target stopped. The order of the writes matters: the process
   * may die between any two, and progress must count only for the target that made it.
   */
  private Optional<Digest> resume(String wanted) {
    if (catalog.texts().find(TARGET).filter(wanted::equals).isPresent()) {
      return catalog.texts().find(PROGRESS).map(Digest::of);
    }
    catalog.texts().put(APPLIED, null);
    catalog.texts().put(PROGRESS, null);
    catalog.texts().put(TARGET, wanted);
    return Optional.empty();
  }

  private List<Digest> next(@Nullable Digest last) {
    return stopped ? List.of() : catalog.blobs().after(last, BATCH);
  }

  private static Digest last(List<Digest> batch) {
    return batch.get(batch.size() - 1);
  }

  private int lease(Collection<Digest> digests) {
    Map<Digest, Instant> expiries = expiries(digests);
    leases.lease(expiries);
    return expiries.size();
  }

  private int leaseOrRelease(List<Digest> digests) {
    Map<Digest, Instant> expiries = expiries(digests);
    leases.lease(expiries);
    leases.release(digests.stream().filter(digest -> !expiries.containsKey(digest)).toList());
    return digests.size();
  }

  /** When each expires, without those that never do. */
  private Map<Digest, Instant> expiries(Collection<Digest> digests) {
    Map<Digest, Instant> expiries = new HashMap<>();
    if (retention.isNever()) {
      return expiries;
    }
    for (Digest digest : digests) {
      expiry(digest)
          .filter(expiry -> expiry.isBefore(Instant.MAX))
          .ifPresent(expiry -> expiries.put(digest, expiry));
    }
    return expiries;
  }

  /** When the first link expires. A blob without a link gets the ttl from when it was found. */
  private Optional<Instant> expiry(Digest digest) {
    List<Link> links = catalog.links(digest);
    if (links.isEmpty()) {
      ExpiryPolicy policy = retention.ofUnlinked();
      return policy.isNever()
          ? Optional.empty()
          : catalog.blobs().find(digest).map(blob -> blob.addedAt().plus(policy.ttl()));
    }
    return links.stream().map(retention::expiry).min(Instant::compareTo);
  }
}
