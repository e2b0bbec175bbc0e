package io.entrepot.routing;

import io.entrepot.oci.NamePattern;
import java.time.Duration;
import java.util.Optional;

/**
 * A rule for how often the upstream is asked about some tags.
 *
 * @param tags a pattern of the tags
 * @param revalidate the interval; zero to ask at every pull; empty if the tags never move
 */
public record TagRule(NamePattern tags, Optional<Duration> revalidate) {
  public TagRule {
    if (revalidate.filter(Duration::isNegative).isPresent()) {
      throw new IllegalArgumentException("the interval for the tags " + tags + " is negative");
    }
  }

  /** A rule that asks about the tags again after an interval. */
  public static TagRule every(NamePattern tags, Duration revalidate) {
    return new TagRule(tags, Optional.of(revalidate));
  }

  /** A rule for tags that never move. The upstream is not asked about stored tags. */
  public static TagRule immutable(NamePattern tags) {
    return new TagRule(tags, Optional.empty());
  }
}
