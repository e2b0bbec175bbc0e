package io.entrepot.cache.tags;

import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.upstream.TagPage;
import io.entrepot.upstream.UpstreamException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/**
 * The lists of the registry API. Tags come from the upstream; if it fails, the stored tags are
 * listed. Repositories are those with stored content. No method blocks its caller. Thread-safe.
 */
public final class ListCache {
  /** The longest page of stored entries. The client gets the next page through {@code Link}. */
  private static final int MAX_PAGE = 1000;

  private final LocalContent content;
  private final Questions questions;
  private final Lookups lookups;

  /** Wires the collaborators. */
  public ListCache(LocalContent content, Questions questions, Lookups lookups) {
    this.content = content;
    this.questions = questions;
    this.lookups = lookups;
  }

  /**
   * Gets a page of a repository's tags.
   *
   * @return the page; fails with an {@link OciException}
   */
  public CompletableFuture<ListAnswer> tags(PullRequest pull, Page page) {
    Source source = pull.source();
    return questions.ask(
        source,
        new Question.OfTags(source.repository(), page),
        new Questions.Answering<>(
            () -> askTags(pull, page),
            OciError.NAME_UNKNOWN,
            why -> knownTags(source.repository(), page)));
  }

  private static ListAnswer askTags(PullRequest pull, Page page) throws UpstreamException {
    TagPage answer = pull.source().listTags(page, pull.cost());
    return new ListAnswer(answer.tags(), answer.next(), CacheOutcome.MISS);
  }

  /** The stored tags; empty if there are none. */
  private Optional<ListAnswer> knownTags(RepositoryName repository, Page page) {
    if (content.tags(repository, new Page(1, null)).isEmpty()) {
      return Optional.empty();
    }
    int n = limit(page);
    List<String> known = content.tags(repository, new Page(n + 1, page.last()));
    return Optional.of(ListAnswer.cut(known, n, CacheOutcome.STALE));
  }

  /**
   * Gets a page of the repositories with stored content.
   *
   * @return the page; fails with an {@link OciException}
   */
  public CompletableFuture<ListAnswer> repositories(Page page) {
    int n = limit(page);
    return lookups.find(
        () ->
            ListAnswer.cut(
                content.repositories(new Page(n + 1, page.last())), n, CacheOutcome.HIT));
  }

  private static int limit(Page page) {
    Integer n = page.n();
    return n == null ? MAX_PAGE : Math.min(n, MAX_PAGE);
  }
}
