package io.entrepot.catalog;

import io.entrepot.oci.Digest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.jspecify.annotations.Nullable;

/**
 * Where a tag leads here since the upstream was last asked.
 *
 * @param resolvedAt when that was, in whole milliseconds
 * @param freshFor how long the upstream itself says that its answer is good, in whole milliseconds
 * @param deviation why it is not the digest that the upstream named; null where it is
 */
public record TagEntry(
    RepositoryName repository,
    Tag tag,
    Digest digest,
    Instant resolvedAt,
    Duration freshFor,
    @Nullable Deviation deviation) {

  /** A tag that leads where the upstream says; the upstream says nothing of freshness. */
  public TagEntry(RepositoryName repository, Tag tag, Digest digest, Instant resolvedAt) {
    this(repository, tag, digest, resolvedAt, Duration.ZERO, null);
  }

  /** As the database keeps it. */
  TagEntry inWholeMillis() {
    return new TagEntry(
        repository,
        tag,
        digest,
        resolvedAt.truncatedTo(ChronoUnit.MILLIS),
        freshFor.truncatedTo(ChronoUnit.MILLIS),
        deviation);
  }
}
