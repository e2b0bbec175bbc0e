package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.upstream.UpstreamException;
import io.entrepot.upstream.UpstreamException.Failure;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** How often the upstream is asked, and how long absences are kept. */
class QuestionsTest extends QuestionsFixture {
  @Test
  void questionIsAskedOnceHoweverManyAsk() {
    List<CompletableFuture<String>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(ask(LATEST));
    }

    upstream.runAll();

    assertThat(asked).isEqualTo(1);
    assertThat(all).allSatisfy(one -> assertThat(one).isCompletedWithValue("answer 1"));
  }

  @Test
  void questionIsAskedAgainOnceItIsAnswered() {
    var unused = ask(LATEST);
    upstream.runAll();

    CompletableFuture<String> again = ask(LATEST);
    upstream.runAll();

    assertThat(again).isCompletedWithValue("answer 2");
  }

  @Test
  void upstreamIsAskedOnTheThreadsOfTheSource() {
    CompletableFuture<String> thread =
        questions.ask(
            pull,
            LATEST,
            new Questions.Answering<>(
                () -> Thread.currentThread().getName(), OciError.MANIFEST_UNKNOWN));
    assertThat(thread).isNotDone();

    upstream.runAll();

    assertThat(thread).isCompletedWithValue("upstream");
  }

  @Test
  void failureIsToldToAllWhoAsked() {
    fails(Failure.UNREACHABLE);
    CompletableFuture<String> one = ask(LATEST);
    CompletableFuture<String> other = ask(LATEST);

    upstream.runAll();

    assertThat(asked).isEqualTo(1);
    assertThat(Told.failureOf(one).error()).isEqualTo(OciError.UPSTREAM_FAILED);
    assertThat(Told.failureOf(other).error()).isEqualTo(OciError.UPSTREAM_FAILED);
  }

  @ParameterizedTest
  @CsvSource({
    "NOT_FOUND,   MANIFEST_UNKNOWN",
    "DENIED,      DENIED",
    "THROTTLED,   TOO_MANY_REQUESTS",
    "BUSY,        UNAVAILABLE",
    "OFFLINE,     UPSTREAM_OFFLINE",
    "TIMEOUT,     UPSTREAM_TIMEOUT",
    "UNREACHABLE, UPSTREAM_FAILED",
    "INVALID,     UPSTREAM_FAILED",
  })
  void clientIsToldWhatTheUpstreamDid(Failure how, OciError error) {
    failure = new UpstreamException(how, "told to fail", Duration.ofSeconds(17), null);
    CompletableFuture<String> answer = ask(LATEST);

    upstream.runAll();

    OciException told = Told.failureOf(answer);
    assertThat(told.error()).isEqualTo(error);
    assertThat(told).hasMessageNotContaining("told to fail");
    assertThat(told).hasRootCauseMessage("told to fail");
    assertThat(told.retryAfter()).contains(Duration.ofSeconds(17));
  }

  @Test
  void fullQueueMakesUnavailableAndIsNotRemembered() {
    upstream.full(true);
    OciException told = Told.failureOf(ask(LATEST));
    assertThat(told.error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(told.retryAfter()).contains(ClientErrors.SOON);

    upstream.full(false);
    CompletableFuture<String> again = ask(LATEST);
    upstream.runAll();

    assertThat(again).isCompletedWithValue("answer 1");
  }

  @Test
  void absenceIsBelievedForItsTimeAndThenAskedAgain() {
    fails(Failure.NOT_FOUND);
    var unused = ask(LATEST);
    upstream.runAll();
    recovers();

    clock.advance(NEGATIVE.minusMillis(1));
    OciException told = Told.failureOf(ask(LATEST));
    assertThat(told.error()).isEqualTo(OciError.MANIFEST_UNKNOWN);
    assertThat(told).hasMessageEndingWith(" does not have it");
    assertThat(asked).isEqualTo(1);

    clock.advance(Duration.ofMillis(1));
    assertThat(questions.findAbsence(LATEST)).isEmpty();
    CompletableFuture<String> again = ask(LATEST);
    upstream.runAll();
    assertThat(again).isCompletedWithValue("answer 2");
  }

  @Test
  void absenceOfOneThingSaysNothingOfAnother() {
    fails(Failure.NOT_FOUND);
    var unused = ask(LATEST);
    upstream.runAll();
    recovers();

    CompletableFuture<String> other = ask(OTHER);
    upstream.runAll();

    assertThat(other).isCompletedWithValue("answer 2");
  }

  @Test
  void absenceIsAskedAgainWhereTheClockWasSetBack() {
    fails(Failure.NOT_FOUND);
    var unused = ask(LATEST);
    upstream.runAll();

    clock.advance(Duration.ofSeconds(-1));

    assertThat(questions.findAbsence(LATEST)).isEmpty();
  }

  @Test
  void absenceIsNotRememberedWhereTheSourceAsksEachTime() {
    OciException none = new OciException(OciError.BLOB_UNKNOWN, "none");

    questions.noteIfAbsent(source(Duration.ZERO), LATEST, none);

    assertThat(questions.findAbsence(LATEST)).isEmpty();
  }

  @ParameterizedTest
  @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NOT_FOUND")
  void noOtherFailureIsRemembered(Failure how) {
    fails(how);
    var unused = ask(LATEST);
    upstream.runAll();
    recovers();

    CompletableFuture<String> again = ask(LATEST);
    upstream.runAll();

    assertThat(again).isCompletedWithValue("answer 2");
  }

  @ParameterizedTest
  @CsvSource({
    "BLOB_UNKNOWN, true",
    "MANIFEST_UNKNOWN, true",
    "NAME_UNKNOWN, true",
    "DENIED, false",
    "UNAVAILABLE, false",
    "UPSTREAM_FAILED, false",
    "TOO_MANY_REQUESTS, false",
  })
  void notFoundOfAFillIsKeptAsAnAbsence(OciError error, boolean remembered) {
    OciException told = new OciException(error, "no");

    questions.noteIfAbsent(source, LATEST, new CompletionException(told));

    assertThat(questions.findAbsence(LATEST).isPresent()).isEqualTo(remembered);
  }

  @Test
  void backgroundQuestionIsAskedOnceAndNotRecorded() {
    questions.askAside(pull, LATEST, () -> ++asked > 0);
    questions.askAside(pull, LATEST, () -> ++asked > 0);
    upstream.runAll();
    assertThat(asked).isEqualTo(1);

    questions.askAside(pull, LATEST, () -> ++asked > 0);
    upstream.runAll();

    assertThat(asked).isEqualTo(2);
  }

  @Test
  void backgroundQuestionIsDroppedIfTheQueueIsFull() {
    upstream.full(true);

    questions.askAside(pull, LATEST, () -> ++asked > 0);

    assertThat(upstream.size()).isZero();
  }
}
