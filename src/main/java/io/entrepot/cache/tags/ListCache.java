package io.entrepot.cache.tags;

import com.github.benmanes.caffeine.cache.Cache;
import io.entrepot.cache.CacheOutcome;
import io.entrepot.cache.LocalContent;
import io.entrepot.cache.Lookups;
import io.entrepot.cache.Question;
import io.entrepot.cache.Questions;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.memory.Share;
import io.entrepot.memory.Weight;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Source;
import io.entrepot.routing.Sources;
import io.entrepot.upstream.UpstreamException;
import java.time.Clock;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Predicate;

/**
 * The lists of the registry API. Tags come from the upstream; if it fails, the stored tags are
 * listed. Repositories are those with stored content. No method blocks its caller. Thread-safe.
 */
public final class ListCache {
  /** The longest page of stored entries. The client gets the next page through {@code Link}. */
  private static final int MAX_PAGE = 1000;

  private final LocalContent content;
  private final RepositoryList repositories;
  private final Questions questions;
  private final Lookups lookups;
  private final Clock clock;
  private final Cache<Question, Recent> recent;

  private record Recent(ListAnswer answer, Instant since) {
    int weight() {
      int entries = answer.entries().stream().mapToInt(Weight::ofAscii).sum();
      Page next = answer.next();
      return 4 * Weight.RECORD + entries + (next == null ? 0 : Weight.of(next.query()));
    }
  }

  /** Wires the collaborators. */
  public ListCache(
      LocalContent content,
      Sources sources,
      Questions questions,
      Lookups lookups,
      MemoryBudget memory,
      Clock clock) {
    this.content = content;
    this.repositories = new RepositoryList(content, sources);
    this.questions = questions;
    this.lookups = lookups;
    this.clock = clock;
    this.recent =
        memory.cache(Share.TAG_LISTS, (question, known) -> question.weight() + known.weight());
  }

  /**
   * Gets a page of a repository's tags.
   *
   * @return the page; fails with an {@link OciException}
   */
  public CompletableFuture<ListAnswer> tags(PullRequest pull, Page page) {
    Source source = pull.source();
    Question question = new Question.OfTags(source.repository(), page).by(source);
    Recent known = recent.getIfPresent(question);
    if (known != null
        && source.isGranted()
        && source.freshness().isSameList(known.since(), clock.instant())) {
      return CompletableFuture.completedFuture(known.answer().as(CacheOutcome.HIT));
    }
    return questions.ask(
        pull,
        question,
        new Questions.Answering<>(
            Questions.holding(pull, () -> askTags(pull, question, page)),
            OciError.NAME_UNKNOWN,
            why -> knownTags(pull, page)));
  }

  private ListAnswer askTags(PullRequest pull, Question question, Page page)
      throws UpstreamException {
    try {
      ListAnswer answer = new TagPages(pull, page).ask();
      recent.put(question, new Recent(answer, clock.instant()));
      return answer;
    } catch (UpstreamException e) {
      recent.invalidate(question);
      throw e;
    }
  }

  /**
   * The stored tags; empty if there are none. Not for a client in the middle of the upstream's own
   * pages, which has no place in our list, and not where the upstream answers each client by
   * itself.
   */
  private Optional<ListAnswer> knownTags(PullRequest pull, Page page) {
    RepositoryName repository = pull.repository();
    if (page.cursor() != null || pull.source().isPerClient()) {
      return Optional.empty();
    }
    if (content.tags().list(repository, new Page(1, null)).isEmpty()) {
      return Optional.empty();
    }
    int n = limit(page);
    List<String> known = content.tags().list(repository, new Page(n + 1, page.last()));
    CacheOutcome how = CacheOutcome.stale(pull.cost().requests());
    return Optional.of(ListAnswer.cut(known, n, how));
  }

  /**
   * Gets a page of the repositories with stored content.
   *
   * @param shown which repositories the client may see, by their names in this cache
   * @return the page; fails with an {@link OciException}
   */
  public CompletableFuture<ListAnswer> repositories(Page page, Predicate<RepositoryName> shown) {
    int n = limit(page);
    return lookups.find(
        () -> ListAnswer.cut(repositories.page(n + 1, page, shown), n, CacheOutcome.HIT));
  }

  private static int limit(Page page) {
    Integer n = page.n();
    return n == null ? MAX_PAGE : Math.min(n, MAX_PAGE);
  }
}
