package io.entrepot.expiry;

import io.entrepot.catalog.BlobEntry;
import io.entrepot.catalog.Catalog;
import io.entrepot.catalog.Link;
import io.entrepot.catalog.Pin;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides what happens when a lease runs out. Links that have expired go. Where others are left,
 * the lease is renewed until the first of them expires. A blob without a link goes from the disk a
 * grace later.
 *
 * <p>There are two steps, since a server may open a file after it was told to send it (Tomcat's
 * sendfile): the links go now, and the bytes when the lease runs out once more.
 *
 * <p>Safe for concurrent use.
 */
public final class Evictor {
  private static final Logger log = LoggerFactory.getLogger(Evictor.class);

  /** When to look again at a digest that is being filled, or has just been used or linked. */
  private static final Duration LOOK_AGAIN = Duration.ofMinutes(1);

  /** When to ask again whether a pinned tag needs a digest, unless the ttl is shorter. */
  private static final Duration ASK_PINS_AGAIN = Duration.ofDays(1);

  /** A lease may fire two milliseconds early, and its clock may differ by a tick from ours. */
  private static final Duration EARLY = Duration.ofMillis(10);

  /** How often to try to remove links, each of which may be used at that very moment. */
  private static final int EVICTION_ATTEMPTS = 3;

  private final Catalog catalog;
  private final Leases leases;
  private final BlobRemover remover;
  private final Predicate<Digest> filling;
  private final Retention retention;
  private final Clock clock;
  private final Counter evictions;
  private final Counter evictedBytes;
  private final Counter renewals;
  private final Counter failures;

  /**
   * Wires the collaborators.
   *
   * @param filling whether a digest is being filled, and so must not go now
   * @param meters gets the counters {@code entrepot.evictions}, {@code entrepot.evicted} (bytes),
   *     {@code entrepot.lease.renewals} and {@code entrepot.eviction.failures}
   */
  public Evictor(
      Catalog catalog,
      Leases leases,
      BlobRemover remover,
      Predicate<Digest> filling,
      Retention retention,
      Clock clock,
      MeterRegistry meters) {
    this.catalog = catalog;
    this.leases = leases;
    this.remover = remover;
    this.filling = filling;
    this.retention = retention;
    this.clock = clock;
    this.evictions =
        counter("entrepot.evictions", "Digests deleted from the disk").register(meters);
    this.evictedBytes =
        counter("entrepot.evicted", "Bytes deleted from the disk")
            .baseUnit("bytes")
            .register(meters);
    this.renewals =
        counter("entrepot.lease.renewals", "Leases that had run out and were renewed")
            .register(meters);
    this.failures =
        counter("entrepot.eviction.failures", "Evictions that failed and are tried again")
            .register(meters);
  }

  private static Counter.Builder counter(String name, String description) {
    return Counter.builder(name).description(description);
  }

  /**
   * Leases a digest that was linked just now until that link expires. A lease that runs out earlier
   * stays, since another repository's link may expire sooner.
   */
  public void linked(Digest digest, Collection<RepositoryName> repositories, Instant now) {
    Instant expiry =
        repositories.stream()
            .map(retention::of)
            .filter(policy -> !policy.isNever())
            .map(policy -> now.plus(policy.ttl()))
            .min(Instant::compareTo)
            .orElse(Instant.MAX);
    if (expiry.equals(Instant.MAX)) {
      return;
    }
    if (leases.find(digest).filter(lease -> !lease.isAfter(expiry)).isEmpty()) {
      leases.lease(digest, expiry);
    }
  }

  /**
   * Decides about a digest whose lease has run out. Never throws: what fails is logged, and decided
   * anew when the lease fires again.
   */
  public void expire(Digest digest) {
    try {
      decide(digest);
    } catch (IOException | RuntimeException e) {
      failures.increment();
      log.warn("Expiry of {} failed; it is tried again in {}", digest, Leases.RETRY, e);
      keepLease(digest);
    }
  }

  /**
   * Takes a digest away now from some of those who have it, as if their links had expired. The
   * bytes go after the grace, when no link is left. A fill that is under way links it anew at its
   * end.
   *
   * @param whose chooses among the links of all repositories
   * @return how many links went
   */
  public int evict(Digest digest, Predicate<Link> whose) {
    int gone = 0;
    boolean leased = false;
    boolean again = true;
    for (int attempt = 0; again && attempt < EVICTION_ATTEMPTS; attempt++) {
      again = false;
      catalog.flush();
      for (Link link : catalog.links(digest).stream().filter(whose).toList()) {
        if (!leased) {
          // The lease comes first. If it cannot be written, nothing has changed yet. It must not
          // run out before the end, since it would then be renewed for links that are gone.
          lease(digest, LOOK_AGAIN);
          leased = true;
        }
        if (catalog.unlink(link)) {
          gone++;
        } else {
          again = true; // renewed or used since it was read
        }
      }
    }
    leaseForTheRest(digest, leased);
    return gone;
  }

  /**
   * Takes on digests that have just lost links. The bytes of those without a link go after the
   * grace; the others are leased until the first of their links expires.
   */
  public void unlinked(Collection<Digest> digests) {
    digests.forEach(digest -> leaseForTheRest(digest, true));
  }

  private void lease(Digest digest, Duration duration) {
    if (catalog.blobs().find(digest).isPresent()) {
      leases.lease(digest, clock.instant().plus(duration));
    }
  }

  /** Sets the lease at the end of an eviction, for the links that are left. */
  private void leaseForTheRest(Digest digest, boolean leased) {
    List<Link> others = catalog.links(digest);
    if (others.isEmpty()) {
      lease(digest, retention.unlinkGrace());
      return;
    }
    Instant next =
        others.stream().map(retention::expiry).min(Instant::compareTo).orElse(Instant.MAX);
    if (leased && next.equals(Instant.MAX)) {
      leases.release(digest);
    } else if (leased) {
      leases.lease(digest, next);
    }
  }

  /** A failure must leave a blob with the lease that will remove it (distribution #4249). */
  private void keepLease(Digest digest) {
    try {
      leases.lease(digest, clock.instant().plus(Leases.RETRY));
    } catch (LeaseException e) {
      log.warn("The lease of {} stays as it is", digest, e);
    }
  }

  private void decide(Digest digest) throws IOException {
    if (filling.test(digest)) {
      leases.lease(digest, clock.instant().plus(LOOK_AGAIN));
      return;
    }
    catalog.flush();
    List<Link> links = catalog.links(digest);
    if (links.isEmpty()) {
      remove(digest);
      return;
    }
    Optional<Instant> next = unlinkExpired(digest, links);
    if (next.isEmpty()) {
      leases.lease(digest, clock.instant().plus(retention.unlinkGrace()));
    } else if (next.get().equals(Instant.MAX)) {
      leases.release(digest);
    } else {
      leases.lease(digest, next.get());
      renewals.increment();
    }
  }

  /**
   * Removes the links that have expired.
   *
   * @return when the first of the others will: {@link Instant#MAX} when all of them are kept for
   *     ever, empty when none is left
   */
  private Optional<Instant> unlinkExpired(Digest digest, List<Link> links) {
    Instant now = clock.instant().plus(EARLY);
    List<Link> expired =
        links.stream().filter(link -> !retention.expiry(link).isAfter(now)).toList();
    Set<RepositoryName> pinning = pinning(digest, expired);
    List<Instant> next = new ArrayList<>();
    for (Link link : links) {
      Instant expiry = retention.expiry(link);
      if (!expiry.isAfter(now) && pinning.contains(link.repository())) {
        Duration ttl = retention.of(link.repository()).ttl();
        expiry = now.plus(ttl.compareTo(ASK_PINS_AGAIN) < 0 ? ttl : ASK_PINS_AGAIN);
      }
      if (expiry.isAfter(now)) {
        next.add(expiry);
      } else if (!catalog.unlink(link)) {
        next.add(now.plus(LOOK_AGAIN)); // renewed or used since it was read: look again soon
      }
    }
    return next.stream().min(Instant::compareTo);
  }

  /** The repositories that need an expired digest for a pinned tag: one question, if any. */
  private Set<RepositoryName> pinning(Digest digest, List<Link> expired) {
    List<Pin> candidates =
        retention.pins().stream()
            .filter(
                pin ->
                    expired.stream()
                        .anyMatch(l -> pin.repositories().matches(l.repository().value())))
            .toList();
    return candidates.isEmpty() ? Set.of() : catalog.tags().pinning(digest, candidates);
  }

  private void remove(Digest digest) throws IOException {
    if (!removeNow(digest)) {
      leases.lease(digest, clock.instant().plus(LOOK_AGAIN));
    }
  }

  /**
   * Removes a blob without a link from the disk, and forgets it. The lease goes before the row: a
   * link that is made in between finds no lease and makes one.
   *
   * @return false if it was linked or is being filled
   */
  boolean removeNow(Digest digest) throws IOException {
    long size = catalog.blobs().find(digest).map(BlobEntry::size).orElse(0L);
    boolean removed = remover.removeUnless(digest, () -> isWanted(digest));
    if (removed) {
      leases.release(digest);
      if (catalog.forget(digest)) {
        evictions.increment();
        evictedBytes.increment((double) size);
        log.debug("Evicted {}, {} bytes", digest, size);
        return true;
      }
    }
    return false;
  }

  /** Removes the bytes of a blob that another node has evicted. A later failure is seen again. */
  public void dropCopy(Digest digest) {
    try {
      boolean unused = remover.removeUnless(digest, () -> isWanted(digest));
    } catch (IOException | RuntimeException e) {
      log.warn("The copy of {} that another node has evicted stays for now", digest, e);
    }
  }

  private boolean isWanted(Digest digest) {
    return filling.test(digest) || !catalog.links(digest).isEmpty();
  }
}
