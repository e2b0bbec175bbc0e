package io.entrepot.cache;

import io.entrepot.oci.Cost;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/**
 * The lists of the registry API: the upstream's tags, or those known here while it is down, and the
 * repositories held here. Thread-safe.
 */
public final class Lists {
  /** A page of our own lists where the client sets no limit; more come through {@code Link}. */
  private static final int MAX_PAGE = 1000;

  private final Shelf shelf;
  private final Upstream upstream;
  private final Asks asks;
  private final Absences absences;

  /** Wires the collaborators. */
  public Lists(Shelf shelf, Upstream upstream, Asks asks, Absences absences) {
    this.shelf = shelf;
    this.upstream = upstream;
    this.asks = asks;
    this.absences = absences;
  }

  /**
   * One page of a repository's tags.
   *
   * @return fails with an {@link OciException}
   */
  public CompletableFuture<ListAnswer> tags(RepositoryName repository, Page page, Cost cost) {
    String question = "tags:" + repository + "?" + page.n() + "&" + page.last();
    return absences.unlessKnown(
        repository, question, () -> asks.ask(question, () -> askTags(repository, page, cost)));
  }

  private ListAnswer askTags(RepositoryName repository, Page page, Cost cost) {
    try {
      TagPage answer = upstream.listTags(repository, page, cost);
      return new ListAnswer(answer.tags(), answer.next(), CacheOutcome.MISS);
    } catch (UpstreamException e) {
      if (Failures.leavesOpen(e) && !shelf.tags(repository, new Page(1, null)).isEmpty()) {
        int n = limit(page);
        List<String> known = shelf.tags(repository, new Page(n + 1, page.last()));
        return ListAnswer.cut(known, n, CacheOutcome.STALE);
      }
      throw Failures.of(e, OciError.NAME_UNKNOWN);
    }
  }

  /** One page of the repositories held here. */
  public ListAnswer repositories(Page page) {
    int n = limit(page);
    List<String> names = shelf.repositories(new Page(n + 1, page.last()));
    return ListAnswer.cut(names, n, CacheOutcome.HIT);
  }

  private static int limit(Page page) {
    Integer n = page.n();
    return n == null ? MAX_PAGE : Math.min(n, MAX_PAGE);
  }
}
