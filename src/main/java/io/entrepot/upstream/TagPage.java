package io.entrepot.upstream;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list of tags, as an upstream sent it.
 *
 * @param tags in the upstream's order
 * @param next the query of the upstream's link to the next page, encoded; null at the end
 * @param refusal what the upstream does not like about the request; null if it has answered it
 */
public record TagPage(List<String> tags, @Nullable String next, @Nullable Refusal refusal) {
  /** A page of tags. */
  public TagPage(List<String> tags, @Nullable String next) {
    this(tags, next, null);
  }

  /** An error of the upstream about a parameter, such as an {@code n} that is too large. */
  public record Refusal(String code, String message) {}
}
