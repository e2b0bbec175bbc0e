package io.entrepot.cache.tags;

import io.entrepot.cache.Absences;
import io.entrepot.cache.Asks;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.ClientErrors;
import io.entrepot.cache.Denials;
import io.entrepot.cache.LocalContent;
import io.entrepot.oci.Cost;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.StaleDeadline;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.Upstream;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * The lists of the registry API: the upstream's tags, or those known here while it is down, and the
 * repositories held here. Thread-safe.
 */
public final class ListCache {
  /** A page of our own lists where the client sets no limit; more come through {@code Link}. */
  private static final int MAX_PAGE = 1000;

  private final LocalContent shelf;
  private final Upstream upstream;
  private final Asks asks;
  private final Absences absences;
  private final Function<RepositoryName, StaleDeadline> deadlines;
  private final Denials denials = new Denials();

  /** Wires the collaborators. */
  public ListCache(
      LocalContent shelf,
      Upstream upstream,
      Asks asks,
      Absences absences,
      Function<RepositoryName, StaleDeadline> deadlines) {
    this.shelf = shelf;
    this.upstream = upstream;
    this.asks = asks;
    this.absences = absences;
    this.deadlines = deadlines;
  }

  /**
   * One page of a repository's tags.
   *
   * @return fails with an {@link OciException}
   */
  public CompletableFuture<ListAnswer> tags(RepositoryName repository, Page page, Cost cost) {
    String question = "tags:" + repository + "?" + page.n() + "&" + page.last();
    CompletableFuture<ListAnswer> decided =
        absences.unlessKnown(
            repository,
            question,
            () -> asks.ask(repository, question, () -> askTags(repository, page, cost)));
    return decided.isDone()
        ? decided
        : deadlines.apply(repository).orElse(decided, () -> knownTags(repository, page));
  }

  private ListAnswer askTags(RepositoryName repository, Page page, Cost cost) {
    try {
      TagPage answer = upstream.listTags(repository, page, cost);
      denials.lift(repository.value());
      return new ListAnswer(answer.tags(), answer.next(), CacheOutcome.MISS);
    } catch (UpstreamException e) {
      if (e.failure() == Failure.DENIED) {
        denials.note(repository.value());
      }
      Optional<ListAnswer> known =
          ClientErrors.leavesOpen(e) ? knownTags(repository, page) : Optional.empty();
      return known.orElseThrow(() -> ClientErrors.of(e, OciError.NAME_UNKNOWN));
    }
  }

  /** What is known here; empty where that is nothing, or the upstream has refused to tell. */
  private Optional<ListAnswer> knownTags(RepositoryName repository, Page page) {
    if (denials.has(repository.value()) || shelf.tags(repository, new Page(1, null)).isEmpty()) {
      return Optional.empty();
    }
    int n = limit(page);
    List<String> known = shelf.tags(repository, new Page(n + 1, page.last()));
    return Optional.of(ListAnswer.cut(known, n, CacheOutcome.STALE));
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
