package io.entrepot.cache.tags;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Page;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One page of a list for one client.
 *
 * @param next where the next page begins, or null at the end
 */
public record ListAnswer(List<String> entries, @Nullable Page next, CacheOutcome outcome) {

  /**
   * Cuts a page from entries of which one more than wanted was asked for.
   *
   * @param n how many were wanted
   */
  static ListAnswer cut(List<String> entries, int n, CacheOutcome outcome) {
    if (entries.size() <= n || n == 0) {
      return new ListAnswer(n == 0 ? List.of() : entries, null, outcome);
    }
    List<String> page = entries.subList(0, n);
    return new ListAnswer(page, new Page(n, page.get(n - 1)), outcome);
  }
}
