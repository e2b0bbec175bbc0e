package io.entrepot.upstream;

import io.entrepot.oci.Page;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list of tags, as an upstream sent it.
 *
 * @param tags in the upstream's order
 * @param next the page that the upstream's {@code Link} points to, or null at the end
 */
public record TagPage(List<String> tags, @Nullable Page next) {}
