package io.entrepot.catalog;

import io.entrepot.oci.RepositoryName;
import java.time.Instant;

/**
 * What the catalog holds of one repository. Each digest is counted once.
 *
 * @param counts how much it is
 * @param tags how many tags lead somewhere
 * @param lastUsed when a client last used one of them, as far as it was flushed
 * @param leastUsed the same of the one whose last use is longest ago
 * @param leastFetched when the upstream confirmed the one whose confirmation is longest ago
 */
public record RepositoryEntry(
    RepositoryName repository,
    Counts counts,
    long tags,
    Instant lastUsed,
    Instant leastUsed,
    Instant leastFetched) {
  /**
   * Digests and bytes.
   *
   * @param digests how many digests it has links to, manifests included
   * @param bytes what they take
   * @param ownBytes what those of them take that no other repository has a link to
   */
  public record Counts(long digests, long bytes, long ownBytes) {}
}
