package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * Content that the store holds, whether or not a repository may serve it.
 *
 * @param size in bytes, 0 or more
 * @param mediaType as an upstream sent it; null where none named one
 * @param addedAt when it came into the catalog, in whole milliseconds
 */
public record BlobEntry(Digest digest, long size, @Nullable String mediaType, Instant addedAt) {}
