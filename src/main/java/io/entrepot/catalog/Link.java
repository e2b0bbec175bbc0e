package io.entrepot.catalog;

import io.entrepot.memory.Weight;
import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The right of one repository to serve one digest, earned by an upstream success for that very
 * repository (S5).
 *
 * @param key whose right it is, and to what
 * @param size in bytes, 0 or more
 * @param mediaType as the upstream sent it; null where it never named one
 * @param fetchedAt when the upstream last confirmed it, in whole milliseconds
 * @param lastUsed when a client last used it, as far as it was flushed, in whole milliseconds
 * @param verifiedAt when its bytes were last known to be right, in whole milliseconds
 */
public record Link(
    LinkKey key,
    long size,
    @Nullable String mediaType,
    Instant fetchedAt,
    Instant lastUsed,
    Instant verifiedAt) {

  /** Who may serve it. */
  public RepositoryName repository() {
    return key.repository();
  }

  /** What may be served. */
  public Digest digest() {
    return key.digest();
  }

  /** As what. */
  public LinkKind kind() {
    return key.kind();
  }

  /** The bytes that it takes in memory, without its key. */
  int weight() {
    return 4 * Weight.RECORD + (mediaType == null ? 0 : Weight.of(mediaType));
  }

  /** The same link, its bytes verified at another time. */
  Link withVerifiedAt(Instant at) {
    return new Link(key, size, mediaType, fetchedAt, lastUsed, at);
  }
}
