package io.entrepot.catalog;

import java.time.Instant;
import java.util.List;

/**
 * An image that somebody wants to be fetched.
 *
 * @param id the number of the job at its node
 * @param reference the image, as the person has written it
 * @param platforms which manifests of an index; empty for all
 * @param referrers whether what refers to the image comes too
 * @param node the name of the node that fetches it; empty for a cache that is alone
 * @param created in whole milliseconds
 */
public record PrefetchEntry(
    long id,
    String reference,
    List<String> platforms,
    boolean referrers,
    String node,
    Instant created) {
  public PrefetchEntry {
    platforms = List.copyOf(platforms);
  }
}
