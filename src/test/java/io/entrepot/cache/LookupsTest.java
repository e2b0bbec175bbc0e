package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class LookupsTest {
  private final TaskQueue queue = new TaskQueue("lookup");
  private final Lookups lookups = new Lookups(queue);

  @AfterEach
  void close() {
    queue.close();
  }

  @Test
  void lookupRunsOnItsOwnThreadsAndNotOnTheCallers() {
    CompletableFuture<String> found = lookups.find(() -> Thread.currentThread().getName());
    assertThat(found).isNotDone();

    queue.runAll();

    assertThat(found).isCompletedWithValue("lookup");
  }

  @Test
  void lookupMayReturnAFutureThatEndsLater() {
    CompletableFuture<String> pending = new CompletableFuture<>();
    CompletableFuture<String> found = lookups.begin(() -> pending);
    queue.runAll();
    assertThat(found).isNotDone();

    pending.complete("at last");

    assertThat(found).isCompletedWithValue("at last");
  }

  @Test
  void failureOfALookupIsTold() {
    OciException failure = new OciException(OciError.UNAVAILABLE, "the database is down");
    CompletableFuture<String> thrown =
        lookups.find(
            () -> {
              throw failure;
            });
    CompletableFuture<String> begun = lookups.begin(() -> CompletableFuture.failedFuture(failure));

    queue.runAll();

    assertThat(Told.failureOf(thrown)).isSameAs(failure);
    assertThat(Told.failureOf(begun)).isSameAs(failure);
  }

  @Test
  void fullQueueMakesUnavailable() {
    queue.full(true);

    OciException told = Told.failureOf(lookups.find(() -> "found"));

    assertThat(told.error()).isEqualTo(OciError.UNAVAILABLE);
    assertThat(told.retryAfter()).contains(ClientErrors.SOON);
  }
}
