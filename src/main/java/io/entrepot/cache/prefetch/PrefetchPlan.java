package io.entrepot.cache.prefetch;

import io.entrepot.catalog.Pin;
import java.time.Instant;
import java.util.List;
import java.util.function.UnaryOperator;

/**
 * Images that the settings want to be fetched at certain times. Immutable.
 *
 * @param text the plan as it was written
 * @param next the next time after another
 * @param images patterns of repositories, by their names in this cache, and of their tags
 * @param platforms which manifests of an index, such as {@code linux/amd64}; empty for all
 * @param referrers whether signatures and others that refer to an image come too
 */
public record PrefetchPlan(
    String text,
    UnaryOperator<Instant> next,
    List<Pin> images,
    List<String> platforms,
    boolean referrers) {
  public PrefetchPlan {
    images = List.copyOf(images);
    platforms = List.copyOf(platforms);
  }
}
