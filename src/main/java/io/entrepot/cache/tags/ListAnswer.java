package io.entrepot.cache.tags;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Page;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A page of a list for one client.
 *
 * @param entries the entries of the page
 * @param next the request for the next page, or null if this is the last
 * @param outcome how the cache found the list
 */
public record ListAnswer(List<String> entries, @Nullable Page next, CacheOutcome outcome) {

  ListAnswer as(CacheOutcome how) {
    return new ListAnswer(entries, next, how);
  }

  /**
   * Makes a page from a list that may have one entry more than the page.
   *
   * @param n the length of the page
   */
  static ListAnswer cut(List<String> entries, int n, CacheOutcome outcome) {
    if (entries.size() <= n || n == 0) {
      return new ListAnswer(n == 0 ? List.of() : entries, null, outcome);
    }
    List<String> page = entries.subList(0, n);
    return new ListAnswer(page, new Page(n, page.get(n - 1)), outcome);
  }
}
