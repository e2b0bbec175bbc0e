package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Instant;

/**
 * What a tag pointed to when the upstream was last asked.
 *
 * @param resolvedAt when that was, in whole milliseconds
 */
public record TagEntry(RepositoryName repository, Tag tag, Digest digest, Instant resolvedAt) {}
