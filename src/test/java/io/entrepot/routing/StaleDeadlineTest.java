package io.entrepot.routing;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class StaleDeadlineTest {
  private final ScheduledThreadPoolExecutor timer =
      new ScheduledThreadPoolExecutor(1, work -> new Thread(work, "timer"));
  private final ScheduledThreadPoolExecutor workers =
      new ScheduledThreadPoolExecutor(1, work -> new Thread(work, "worker"));

  StaleDeadlineTest() {
    timer.setRemoveOnCancelPolicy(true);
  }

  @AfterEach
  void close() {
    timer.shutdownNow();
    workers.shutdownNow();
  }

  private StaleDeadline deadline(Executor executor, Duration after) {
    return new StaleDeadline(timer, executor, after);
  }

  @Test
  void substituteIsLookedForByAWorkerAndNotByTheTimer() throws Exception {
    CompletableFuture<String> first =
        deadline(workers, Duration.ofMillis(1))
            .orElse(new CompletableFuture<>(), () -> Optional.of(Thread.currentThread().getName()));

    assertThat(first.get(20, TimeUnit.SECONDS)).isEqualTo("worker");
  }

  @Test
  void answerInTimeNeedsNoSubstituteAndLeavesNoAlarm() {
    CompletableFuture<String> answer = new CompletableFuture<>();
    CompletableFuture<String> first =
        deadline(workers, Duration.ofHours(1)).orElse(answer, () -> Optional.of("older"));

    answer.complete("the answer");

    assertThat(first).isCompletedWithValue("the answer");
    assertThat(timer.getQueue()).isEmpty();
  }

  @Test
  void withoutASubstituteOrAWorkerTheClientWaitsOn() throws Exception {
    CompletableFuture<String> answer = new CompletableFuture<>();
    Executor busy =
        work -> {
          throw new RejectedExecutionException("busy");
        };
    CompletableFuture<String> one =
        deadline(busy, Duration.ofMillis(1)).orElse(answer, () -> Optional.of("older"));
    CompletableFuture<String> other =
        deadline(Runnable::run, Duration.ofMillis(1)).orElse(answer, Optional::empty);
    timer.schedule(() -> {}, 2, TimeUnit.MILLISECONDS).get(20, TimeUnit.SECONDS);

    assertThat(one).isNotDone();
    assertThat(other).isNotDone();
    answer.complete("the answer");
    assertThat(one).isCompletedWithValue("the answer");
    assertThat(other).isCompletedWithValue("the answer");
  }
}
