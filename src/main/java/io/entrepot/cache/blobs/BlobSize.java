package io.entrepot.cache.blobs;

import io.entrepot.cache.CacheOutcome;
import java.time.Instant;

/**
 * The answer to a HEAD.
 *
 * @param size of the blob in bytes
 * @param fetchedAt when the upstream said so
 */
public record BlobSize(long size, CacheOutcome outcome, Instant fetchedAt) {}
