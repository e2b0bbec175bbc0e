package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class QuestionsFailedLookupTest extends QuestionsFixture {
  @Test
  void lookupThatFailsAfterTheDeadlineEndsNoThread() {
    CompletableFuture<String> first =
        questions.ask(
            pull,
            LATEST,
            new Questions.Answering<>(
                () -> "answer",
                OciError.MANIFEST_UNKNOWN,
                why -> {
                  throw new OciException(OciError.UNAVAILABLE, "the database is down");
                }));
    timer.ring();
    assertThatCode(lookups::runAll).doesNotThrowAnyException();
    assertThat(first).isNotDone();
    upstream.runAll();
    assertThat(first).isCompletedWithValue("answer");
  }
}
