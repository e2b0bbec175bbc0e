package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.Digest;
import io.entrepot.oci.OciError;
import io.entrepot.oci.Page;
import io.entrepot.oci.RepositoryName;
import io.entrepot.upstream.UpstreamException.Failure;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** When an older answer is used instead of the upstream's answer, and when it must not be used. */
class QuestionsOlderTest extends QuestionsFixture {
  private static final Digest SUBJECT = Digest.ofBytes(Digest.Algorithm.SHA256, new byte[0]);

  /** 429, 5xx, a timeout, and all other failures that do not answer the question. */
  @ParameterizedTest
  @EnumSource(
      mode = EnumSource.Mode.EXCLUDE,
      names = {"NOT_FOUND", "DENIED"})
  void olderAnswerStandsInWhereTheUpstreamDoesNotAnswer(Failure how) {
    fails(how);

    CompletableFuture<String> answer = answerTo(LATEST);

    assertThat(answer).isCompletedWithValue("older");
    assertThat(older.reasons).containsExactly("it fails by " + how);
    assertThat(older.forgotten).isZero();
  }

  @Test
  void upstreamsOwnAnswerComesBeforeAnOlderOne() {
    assertThat(answerTo(LATEST)).isCompletedWithValue("answer 1");
    assertThat(older.reasons).isEmpty();
  }

  @Test
  void clientIsToldTheFailureWhereNothingOlderIsHere() {
    fails(Failure.TIMEOUT);
    older.isHere = false;

    assertThat(Told.failureOf(answerTo(LATEST)).error()).isEqualTo(OciError.UPSTREAM_TIMEOUT);
  }

  @Test
  void refusalKeepsOlderAnswersBackUntilTheUpstreamAnswersAgain() {
    fails(Failure.DENIED);
    assertThat(Told.failureOf(answerTo(LATEST)).error()).isEqualTo(OciError.DENIED);
    assertThat(questions.isRefused(LATEST)).isTrue();

    fails(Failure.UNREACHABLE);
    assertThat(Told.failureOf(answerTo(LATEST)).error()).isEqualTo(OciError.UPSTREAM_FAILED);
    assertThat(older.reasons).isEmpty();

    recovers();
    assertThat(answerTo(LATEST)).isCompletedWithValue("answer 3");
    assertThat(questions.isRefused(LATEST)).isFalse();

    fails(Failure.UNREACHABLE);
    assertThat(answerTo(LATEST)).isCompletedWithValue("older");
  }

  @Test
  void refusalKeepsAnOlderAnswerBackAlsoWhereItOutlivesDeletion() {
    older.outlives = true;
    fails(Failure.DENIED);
    assertThat(answerTo(LATEST)).isCompletedExceptionally();

    fails(Failure.NOT_FOUND);

    assertThat(Told.failureOf(answerTo(LATEST)).error()).isEqualTo(OciError.MANIFEST_UNKNOWN);
    assertThat(older.reasons).isEmpty();
  }

  @Test
  void refusalForgetsNothing() {
    fails(Failure.DENIED);
    assertThat(answerTo(LATEST)).isCompletedExceptionally();
    assertThat(older.forgotten).isZero();
  }

  @Test
  void refusalOfOneTagSaysNothingOfAnother() {
    fails(Failure.DENIED);
    assertThat(answerTo(LATEST)).isCompletedExceptionally();
    fails(Failure.UNREACHABLE);

    assertThat(answerTo(OTHER)).isCompletedWithValue("older");
  }

  @Test
  void pagesOfTheTagsAreRefusedTogether() {
    fails(Failure.DENIED);
    assertThat(answerTo(new Question.OfTags(APP, new Page(10, null)))).isCompletedExceptionally();
    fails(Failure.UNREACHABLE);

    Question next = new Question.OfTags(APP, new Page(10, "v1"));
    assertThat(Told.failureOf(answerTo(next)).error()).isEqualTo(OciError.UPSTREAM_FAILED);
    Question elsewhere = new Question.OfTags(RepositoryName.of("team/other"), Page.ALL);
    assertThat(answerTo(elsewhere)).isCompletedWithValue("older");
  }

  @Test
  void referrersOfARepositoryAreRefusedTogether() {
    fails(Failure.DENIED);
    assertThat(answerTo(new Question.OfReferrers(APP, SUBJECT, "sbom", null)))
        .isCompletedExceptionally();
    fails(Failure.UNREACHABLE);

    Question all = new Question.OfReferrers(APP, SUBJECT, null, null);
    assertThat(Told.failureOf(answerTo(all)).error()).isEqualTo(OciError.UPSTREAM_FAILED);
  }

  @Test
  void deletionForgetsTheOlderAnswer() {
    fails(Failure.NOT_FOUND);

    assertThat(Told.failureOf(answerTo(LATEST)).error()).isEqualTo(OciError.MANIFEST_UNKNOWN);

    assertThat(older.forgotten).isEqualTo(1);
    assertThat(older.reasons).isEmpty();
    assertThat(questions.findAbsence(LATEST)).isPresent();
  }

  @Test
  void olderAnswerThatOutlivesDeletionIsServedAndNotForgotten() {
    older.outlives = true;
    fails(Failure.NOT_FOUND);

    assertThat(answerTo(LATEST)).isCompletedWithValue("older");

    assertThat(older.forgotten).isZero();
    assertThat(questions.findAbsence(LATEST)).isEmpty();
  }

  @Test
  void deletionIsToldWhereNothingIsHereToOutliveIt() {
    older.outlives = true;
    older.isHere = false;
    fails(Failure.NOT_FOUND);

    assertThat(Told.failureOf(answerTo(LATEST)).error()).isEqualTo(OciError.MANIFEST_UNKNOWN);
    assertThat(questions.findAbsence(LATEST)).isPresent();
  }

  /** For a blob no older answer is ever used, so no refusal is recorded. */
  @Test
  void refusalIsNotRememberedWhereNothingOlderCouldStandIn() {
    fails(Failure.DENIED);
    var unused = ask(LATEST);
    upstream.runAll();

    assertThat(questions.isRefused(LATEST)).isFalse();
  }
}
