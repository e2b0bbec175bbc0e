package io.entrepot.routing;

import io.entrepot.oci.RepositoryName;
import java.time.Duration;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * How tags are kept, by repository, since that says which upstream it belongs to. The functions are
 * asked at every request: they must be fast, and safe for many threads.
 *
 * @param freshness how long the upstream's word is good
 * @param cooling how long ago the upstream must have named a digest first before a tag leads there;
 *     zero for none
 * @param scarce whether the upstream's quota is so low that it is not asked about what is here
 */
public record TagPolicy(
    Function<RepositoryName, Freshness> freshness,
    Function<RepositoryName, Duration> cooling,
    Predicate<RepositoryName> scarce) {

  /** The same for all, without cooling or quota. */
  public static TagPolicy of(Freshness freshness) {
    return new TagPolicy(repository -> freshness, repository -> Duration.ZERO, repository -> false);
  }
}
