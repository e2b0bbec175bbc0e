package io.entrepot.cache.blobs;

import io.entrepot.cache.CacheOutcome;
import java.time.Instant;

/**
 * The answer to a HEAD request for a blob.
 *
 * @param size the size of the blob in bytes
 * @param outcome how the cache found it
 * @param fetchedAt when the upstream sent the blob or its size
 */
public record BlobSize(long size, CacheOutcome outcome, Instant fetchedAt) {}
