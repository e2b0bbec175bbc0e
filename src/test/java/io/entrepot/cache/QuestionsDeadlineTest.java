package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.upstream.UpstreamException.Failure;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** Answers to clients when the upstream takes longer than the source's deadline. */
class QuestionsDeadlineTest extends QuestionsFixture {
  /** Lets the deadline pass, and runs the lookup of the older answer. */
  private void deadlinePasses() {
    timer.ring();
    lookups.runAll();
  }

  @Test
  void deadlineGivesTheOlderAnswerAndTheUpstreamsOwnGoesOn() {
    CompletableFuture<String> first = askOrOlder(LATEST);
    assertThat(timer.alarms()).containsExactly(DEADLINE);

    deadlinePasses();
    assertThat(first).isCompletedWithValue("older");
    assertThat(older.reasons).containsExactly("the upstream has not answered in time");

    CompletableFuture<String> next = askOrOlder(LATEST);
    upstream.runAll();
    assertThat(next).isCompletedWithValue("answer 1");
    assertThat(first).isCompletedWithValue("older");
    assertThat(asked).isEqualTo(1);
  }

  @Test
  void olderAnswerIsLookedForOnALookupThreadAndNotOnTheTimers() {
    CompletableFuture<String> first = askOrOlder(LATEST);

    timer.ring();
    assertThat(older.threads).isEmpty();
    assertThat(first).isNotDone();
    lookups.runAll();

    assertThat(older.threads).containsExactly("lookup");
  }

  @Test
  void answerInTimeNeedsNoOlderOneAndLeavesNoAlarm() {
    CompletableFuture<String> first = askOrOlder(LATEST);

    upstream.runAll();

    assertThat(first).isCompletedWithValue("answer 1");
    assertThat(timer.alarms()).isEmpty();
    deadlinePasses();
    assertThat(older.reasons).isEmpty();
  }

  @Test
  void failureInTimeLeavesNoAlarm() {
    fails(Failure.NOT_FOUND);
    var unused = askOrOlder(LATEST);

    upstream.runAll();

    assertThat(timer.alarms()).isEmpty();
  }

  @Test
  void answerThatComesBeforeTheLookupIsTheUpstreamsOwn() {
    CompletableFuture<String> first = askOrOlder(LATEST);
    timer.ring();

    upstream.runAll();
    lookups.runAll();

    assertThat(first).isCompletedWithValue("answer 1");
    assertThat(older.reasons).isEmpty();
  }

  @Test
  void withoutAnOlderAnswerTheClientWaitsOn() {
    older.isHere = false;
    CompletableFuture<String> first = askOrOlder(LATEST);

    deadlinePasses();
    assertThat(older.reasons).hasSize(1);
    assertThat(first).isNotDone();
    upstream.runAll();

    assertThat(first).isCompletedWithValue("answer 1");
  }

  @Test
  void withoutALookupThreadTheClientWaitsOn() {
    CompletableFuture<String> first = askOrOlder(LATEST);
    lookups.full(true);

    timer.ring();
    assertThat(first).isNotDone();
    upstream.runAll();

    assertThat(first).isCompletedWithValue("answer 1");
  }

  @Test
  void refusalKeepsTheOlderAnswerBackAlsoByTheDeadline() {
    fails(Failure.DENIED);
    assertThat(answerTo(LATEST)).isCompletedExceptionally();
    recovers();
    CompletableFuture<String> first = askOrOlder(LATEST);

    deadlinePasses();
    assertThat(first).isNotDone();
    assertThat(older.reasons).isEmpty();
    upstream.runAll();

    assertThat(first).isCompletedWithValue("answer 2");
  }

  @Test
  void laterClientHasItsOwnDeadline() {
    CompletableFuture<String> first = askOrOlder(LATEST);
    CompletableFuture<String> second = askOrOlder(LATEST);
    assertThat(timer.alarms()).hasSize(2);

    deadlinePasses();

    assertThat(first).isCompletedWithValue("older");
    assertThat(second).isCompletedWithValue("older");
  }

  @Test
  void answerThatNothingOlderCanStandInForSetsNoAlarm() {
    var unused = ask(LATEST);
    assertThat(timer.alarms()).isEmpty();
  }

  @Test
  void questionThatIsAnsweredAtOnceSetsNoAlarm() {
    upstream.full(true);
    var unused = askOrOlder(LATEST);
    assertThat(timer.alarms()).isEmpty();
  }
}
