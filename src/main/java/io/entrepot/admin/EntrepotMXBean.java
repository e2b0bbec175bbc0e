package io.entrepot.admin;

import java.util.List;

/**
 * One running cache as operators see it through JMX. What {@code /api/stats} and {@code
 * /api/health} say are its attributes; those that are read within one second are of one moment.
 *
 * <p>Safe for concurrent use. Attributes and operations throw {@link IllegalStateException} with
 * what has failed, such as the database.
 */
public interface EntrepotMXBean {
  /** Where it pulls from. */
  String getUpstream();

  /** Seconds since the start. */
  long getUptimeSeconds();

  /** Digests held, manifests included. */
  long getHeldBlobs();

  /** Bytes held, each digest counted once. */
  long getHeldBytes();

  /** Manifests held. */
  long getHeldManifests();

  /** Repositories that hold anything. */
  long getHeldRepositories();

  /** Tags held. */
  long getHeldTags();

  /** Digests that have a lease. */
  long getLeases();

  /** Blobs that are being fetched, or wait for it. */
  int getFillsInFlight();

  /** Bytes from the upstream since the start. */
  long getPulledBytes();

  /** Bytes to clients since the start. */
  long getPushedBytes();

  /** Digests that went from the disk since the start. */
  long getEvictions();

  /** Whether it can serve what it holds. */
  boolean isReady();

  /** What is broken, one line each; none when all is well. */
  List<String> getTroubles();

  /** Takes no more requests, and lets those under way finish; only a new deployment ends that. */
  void drain();

  /**
   * Takes content away now as if it had expired: first from its repositories and their tags, and
   * from the disk after {@code storage.unlinkgrace}, once no other repository holds it. What an
   * image is made of stays until it expires by itself.
   *
   * @param what {@code library/alpine:3.20} for what the tag points to, {@code
   *     library/alpine@sha256:…} for a digest of one repository, {@code sha256:…} for a digest of
   *     all
   * @return from how many places it went; 0 when it is not held
   * @throws IllegalArgumentException when {@code what} is none of these
   */
  int evict(String what);
}
