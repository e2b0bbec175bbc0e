package io.entrepot.catalog;

import java.time.Instant;
import java.util.List;

/**
 * An image that somebody wants to be fetched.
 *
 * @param id the number of the job
 * @param reference the image, as the person has written it
 * @param platforms which manifests of an index; empty for all
 * @param referrers whether what refers to the image comes too
 * @param created in whole milliseconds
 */
public record PrefetchEntry(
    long id, String reference, List<String> platforms, boolean referrers, Instant created) {
  public PrefetchEntry {
    platforms = List.copyOf(platforms);
  }
}
