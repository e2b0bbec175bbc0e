package io.entrepot.admin;

import java.util.List;

/**
 * The JMX view of a running cache. Its attributes are the values of {@code /api/stats} and {@code
 * /api/health}. The statistics are computed at most once a second, so attributes that are read
 * together belong to the same moment.
 *
 * <p>Thread-safe. Attributes and operations throw {@link IllegalStateException} if something fails,
 * such as the database. The message says what has failed.
 */
public interface EntrepotMXBean {
  /** The URL of the default upstream. */
  String getUpstream();

  /** Seconds since the start. */
  long getUptimeSeconds();

  /** The number of stored digests, manifests included. */
  long getHeldBlobs();

  /** The number of stored bytes. Each digest is counted once. */
  long getHeldBytes();

  /** The number of stored manifests. */
  long getHeldManifests();

  /** The number of repositories with stored content. */
  long getHeldRepositories();

  /** The number of stored tags. */
  long getHeldTags();

  /** The number of digests that have a lease. */
  long getLeases();

  /** The number of blobs that are being fetched or wait to be fetched. */
  int getFillsInFlight();

  /** The number of bytes received from upstreams since the start. */
  long getPulledBytes();

  /** The number of bytes sent to clients since the start. */
  long getPushedBytes();

  /** The number of digests deleted from the disk since the start. */
  long getEvictions();

  /** The names of the nodes of the cluster that are up; empty if this one is alone. */
  List<String> getNodesUp();

  /** The names of the nodes of the cluster that are down, for a day at most. */
  List<String> getNodesDown();

  /** The number of bytes of blobs that other nodes have sent to this one since the start. */
  long getReceivedBytes();

  /** Whether the cache can serve its stored content. */
  boolean isReady();

  /** The current problems, one line each; empty if there are none. */
  List<String> getTroubles();

  /**
   * Refuses new requests and lets unfinished requests finish. Only a new deployment admits requests
   * again.
   */
  void drain();

  /**
   * Evicts content now, as if it had expired. It is removed from its repositories and their tags at
   * once. It is deleted from the disk after {@code storage.unlinkgrace}, if no other repository
   * holds it. The layers and configuration of an evicted image stay until they expire themselves.
   *
   * @param what {@code library/alpine:3.20} for the manifest that the tag points to; {@code
   *     library/alpine@sha256:…} for a digest of one repository; {@code sha256:…} for a digest of
   *     all repositories
   * @return the number of links from repositories that were removed; 0 if the content is not stored
   * @throws IllegalArgumentException if {@code what} has none of these forms
   */
  int evict(String what);

  /**
   * Purges content now, with all that nothing else needs: of an image also its layers.
   *
   * @param what as for {@link #evict}
   * @return how many bytes come back
   * @throws IllegalArgumentException if {@code what} has none of these forms
   * @throws IllegalStateException if it is pinned, or is being fetched or read; then nothing goes
   */
  long purge(String what);

  /** The pins: patterns of repositories and tags that never expire. */
  List<String> getPins();

  /**
   * Adds a pin.
   *
   * @return whether it is new
   * @throws IllegalArgumentException if it is no pattern
   * @throws IllegalStateException if there are too many
   */
  boolean pin(String pattern);

  /**
   * Takes a pin away.
   *
   * @return whether it was there
   * @throws IllegalStateException if the settings have it
   */
  boolean unpin(String pattern);

  /** Begins to verify everything in the store. */
  void verify();

  /**
   * Takes an upstream out, so that only what is here is served, or back in.
   *
   * @return whether there is such an upstream
   * @throws IllegalStateException if the settings say that it is offline
   */
  boolean rest(String upstream, boolean offline);
}
