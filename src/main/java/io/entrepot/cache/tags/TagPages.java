package io.entrepot.cache.tags;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.oci.Cursor;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Page;
import io.entrepot.oci.Query;
import io.entrepot.routing.PullRequest;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Gets a page of tags from an upstream. What a client wants by {@code n} and {@code last} holds
 * also for an upstream that ignores them. The next page is asked for by the upstream's own link.
 * One object for each request; used by one thread.
 */
final class TagPages {
  /** The most pages that are read for one answer. */
  static final int MAX_PAGES = 500;

  /** The longest time for one answer. Each page has its own deadline besides. */
  private static final Duration MAX_TIME = Duration.ofMinutes(1);

  /** So many empty pages in a row are passed over. */
  private static final int MAX_EMPTY = 16;

  private final PullRequest pull;
  private final Page wanted;
  private final long begun = System.nanoTime();

  TagPages(PullRequest pull, Page wanted) {
    this.pull = pull;
    this.wanted = wanted;
  }

  /** Asks the upstream. Blocks. */
  ListAnswer ask() throws UpstreamException {
    if (wanted.n() != null && wanted.n() == 0) {
      // Some registries take 0 for "all" or refuse it. Whether the list is there, 1 tells too.
      fetch(new Page(1, wanted.last(), wanted.cursor()).query());
      return new ListAnswer(List.of(), null, CacheOutcome.PASSED);
    }
    Cursor cursor = wanted.cursor();
    return cursor == null ? byNumberAndLast() : onward(cursor);
  }

  private TagPage fetch(String query) throws UpstreamException {
    if (System.nanoTime() - begun > MAX_TIME.toNanos()) {
      throw new UpstreamException(
          Failure.TIMEOUT, "the upstream's list of tags was not read to its end in a minute");
    }
    TagPage page = pull.source().listTags(query, pull.cost());
    TagPage.Refusal refusal = page.refusal();
    if (refusal != null) {
      throw OciException.refusedParameter(refusal.code(), refusal.message());
    }
    return page;
  }

  private ListAnswer byNumberAndLast() throws UpstreamException {
    String query = wanted.query();
    TagPage page = fetch(query);
    if (ignoresLast(page)) {
      return cut(rest(page, query));
    }
    String next = page.next();
    if (next == null) {
      return cut(List.copyOf(new TreeSet<>(page.tags())));
    }
    Page plain = plain(page, next);
    if (plain != null && !isTooLong(page.tags())) {
      return new ListAnswer(page.tags(), plain, CacheOutcome.PASSED);
    }
    return part(page, new Cursor(1, "", "", query));
  }

  /** Cuts a list that is complete and sorted. The client goes on by its own {@code last}. */
  private ListAnswer cut(List<String> tags) {
    Integer n = wanted.n();
    return ListAnswer.cut(tags, n == null ? Integer.MAX_VALUE : n, CacheOutcome.PASSED);
  }

  private boolean isTooLong(List<String> tags) {
    Integer n = wanted.n();
    return n != null && tags.size() > n;
  }

  /** Whether the upstream has not begun after the tag that the client has named. */
  private boolean ignoresLast(TagPage page) throws UpstreamException {
    String last = wanted.last();
    if (last == null
        || !wanted.isAfterTag()
        || page.tags().stream().allMatch(tag -> tag.compareTo(last) > 0)) {
      return false;
    }
    // Else the upstream may have an order of its own.
    return page.tags().contains(last)
        || page.tags().equals(fetch(new Page(wanted.n(), null).query()).tags());
  }

  /** All tags after the client's {@code last}, of this page and all that follow, sorted. */
  private List<String> rest(TagPage first, String query) throws UpstreamException {
    TreeSet<String> all = new TreeSet<>(first.tags());
    Set<String> seen = new HashSet<>();
    seen.add(query);
    String next = first.next();
    for (int pages = 1; next != null; pages++) {
      if (!seen.add(next) || pages == MAX_PAGES) {
        throw endless();
      }
      TagPage page = fetch(next);
      boolean anyNew = all.addAll(page.tags());
      next = page.next();
      if (!anyNew && !page.tags().isEmpty() && next != null) {
        throw endless();
      }
    }
    return List.copyOf(all.tailSet(String.valueOf(wanted.last()), false));
  }

  private ListAnswer onward(Cursor cursor) throws UpstreamException {
    return part(fetch(cursor.query()), cursor);
  }

  /** The part of a page that the client wants now. */
  private ListAnswer part(TagPage first, Cursor begin) throws UpstreamException {
    TagPage page = first;
    Cursor cursor = begin;
    for (int empty = 0; page.tags().isEmpty() && page.next() != null; empty++) {
      cursor = next(cursor, page, page.next());
      if (empty == MAX_EMPTY) {
        throw endless();
      }
      page = fetch(cursor.query());
    }
    if (cursor.isEndless(page.tags())) {
      throw endless();
    }
    int from = cursor.after().isEmpty() ? 0 : page.tags().indexOf(cursor.after()) + 1;
    List<String> tags = page.tags().subList(from, page.tags().size());
    if (isTooLong(tags)) {
      List<String> part = tags.subList(0, wanted.n() == null ? tags.size() : wanted.n());
      return answer(part, cursor.after(part.get(part.size() - 1)));
    }
    String next = page.next();
    return answer(tags, next == null ? null : next(cursor, page, next));
  }

  private ListAnswer answer(List<String> tags, @Nullable Cursor next) {
    return new ListAnswer(
        List.copyOf(tags),
        next == null ? null : new Page(wanted.n(), null, next),
        CacheOutcome.PASSED);
  }

  private static Cursor next(Cursor cursor, TagPage page, String next) throws UpstreamException {
    if (next.equals(cursor.query())) {
      throw endless();
    }
    return cursor.next(page.tags(), next);
  }

  /**
   * The upstream's link as {@code n} and {@code last}, if it says that the next page begins after
   * the last tag of this one, and nothing else.
   */
  private @Nullable Page plain(TagPage page, String next) {
    try {
      Query query = Query.parse(next);
      Page linked = Page.parse(query.get("n"), query.get("last"));
      List<String> tags = page.tags();
      boolean after = !tags.isEmpty() && tags.get(tags.size() - 1).equals(linked.last());
      if (!after || !query.hasOnly("n", "last")) {
        return null;
      }
      Integer n = wanted.n();
      Integer theirs = linked.n();
      return new Page(theirs == null || (n != null && n < theirs) ? n : theirs, linked.last());
    } catch (OciException e) {
      return null;
    }
  }

  private static UpstreamException endless() {
    return new UpstreamException(
        Failure.INVALID, "the upstream's list of tags does not come to an end");
  }
}
