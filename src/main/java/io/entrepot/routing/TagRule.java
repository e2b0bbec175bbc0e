package io.entrepot.routing;

import io.entrepot.oci.NamePattern;
import java.time.Duration;
import java.util.Optional;

/**
 * How often the upstream is asked about some tags.
 *
 * @param tags which
 * @param revalidate the interval, zero for each time; empty where they never move
 */
public record TagRule(NamePattern tags, Optional<Duration> revalidate) {
  public TagRule {
    if (revalidate.filter(Duration::isNegative).isPresent()) {
      throw new IllegalArgumentException("a negative interval for " + tags);
    }
  }

  /** Tags that are asked about again after an interval. */
  public static TagRule every(NamePattern tags, Duration revalidate) {
    return new TagRule(tags, Optional.of(revalidate));
  }

  /** Tags that never move, so that the upstream is not asked about what is here. */
  public static TagRule immutable(NamePattern tags) {
    return new TagRule(tags, Optional.empty());
  }
}
