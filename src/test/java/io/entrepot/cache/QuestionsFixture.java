package io.entrepot.cache;

import io.entrepot.access.Client;
import io.entrepot.fixture.TestClock;
import io.entrepot.memory.MemoryBudget;
import io.entrepot.oci.OciError;
import io.entrepot.oci.RegistryRequest;
import io.entrepot.oci.RepositoryName;
import io.entrepot.oci.Tag;
import io.entrepot.routing.Freshness;
import io.entrepot.routing.PullRequest;
import io.entrepot.routing.Rules;
import io.entrepot.routing.Source;
import io.entrepot.routing.TestSources;
import io.entrepot.upstream.Offline;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;

/** A fixture for questions to a source. A test chooses the answers and runs each step. */
@Timeout(60)
abstract class QuestionsFixture {
  static final RepositoryName APP = RepositoryName.of("team/app");
  static final Question LATEST = new Question.OfTag(APP, new Tag("latest"));
  static final Question OTHER = new Question.OfTag(APP, new Tag("other"));
  static final Duration NEGATIVE = Duration.ofSeconds(30);
  static final Duration DEADLINE = Duration.ofSeconds(7);

  final TestClock clock = new TestClock();
  final TestTimer timer = new TestTimer();
  final TaskQueue upstream = new TaskQueue("upstream");
  final TaskQueue lookups = new TaskQueue("lookup");
  final Questions questions = new Questions(timer, lookups, MemoryBudget.ofHeap(), clock);
  final Source source = source(NEGATIVE);
  final PullRequest pull =
      new PullRequest(
          new RegistryRequest.GetManifest(APP, new Tag("latest")),
          source,
          Client.anonymous("192.0.2.1"));
  final OlderOne older = new OlderOne();

  /** The number of requests to the upstream. */
  int asked;

  /** The failure of the upstream, or null if it answers. */
  @Nullable UpstreamException failure;

  @AfterEach
  void close() {
    upstream.close();
    lookups.close();
    timer.shutdownNow();
  }

  Source source(Duration negative) {
    Freshness each = TestSources.RULES.freshness();
    Freshness freshness =
        new Freshness(
            each.revalidate(),
            List.of(),
            each.maxAge(),
            each.staleWindow(),
            negative,
            each.keepDeleted(),
            each.cooling());
    Rules all = TestSources.RULES;
    Rules rules = new Rules(all.admission(), freshness, all.blobs(), all.expiry(), 0, DEADLINE);
    return TestSources.source(new Offline(), rules, APP, upstream);
  }

  /** Lets the upstream fail from now on. */
  void fails(Failure how) {
    failure = new UpstreamException(how, "it fails by " + how);
  }

  /** Lets it answer again. */
  void recovers() {
    failure = null;
  }

  private String send() throws UpstreamException {
    asked++;
    UpstreamException how = failure;
    if (how != null) {
      throw how;
    }
    return "answer " + asked;
  }

  /** Asks a question for which no older answer may be used. */
  CompletableFuture<String> ask(Question question) {
    return questions.ask(
        pull, question, new Questions.Answering<>(this::send, OciError.MANIFEST_UNKNOWN));
  }

  /** Asks a question for which an older answer may be used. */
  CompletableFuture<String> askOrOlder(Question question) {
    return questions.ask(
        pull, question, new Questions.Answering<>(this::send, OciError.MANIFEST_UNKNOWN, older));
  }

  /** Asks and lets the upstream answer. */
  CompletableFuture<String> answerTo(Question question) {
    CompletableFuture<String> answer = askOrOlder(question);
    upstream.runAll();
    return answer;
  }

  /** An older answer that counts its uses. */
  static final class OlderOne implements Questions.Older<String> {
    final List<String> reasons = new ArrayList<>();
    final List<String> threads = new ArrayList<>();
    boolean isHere = true;
    boolean outlives;
    int forgotten;

    @Override
    public Optional<String> find(String why) {
      reasons.add(why);
      threads.add(Thread.currentThread().getName());
      return isHere ? Optional.of("older") : Optional.empty();
    }

    @Override
    public boolean outlivesDeletion() {
      return outlives;
    }

    @Override
    public void forget() {
      forgotten++;
      isHere = false;
    }
  }
}
