package io.entrepot.cache;

import static org.assertj.core.api.Assertions.assertThat;

import io.entrepot.memory.Allowance;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SingleFlightTest {
  private final TaskQueue queue = new TaskQueue("worker");
  private final SingleFlight<String> flights =
      new SingleFlight<>(new Allowance(1 << 20), String::length);
  private final AtomicInteger done = new AtomicInteger();

  @AfterEach
  void close() {
    queue.close();
  }

  private CompletableFuture<Integer> run(String key) {
    return flights.run(key, queue, done::incrementAndGet);
  }

  @Test
  void workIsDoneOnceHoweverManyWantIt() {
    List<CompletableFuture<Integer>> all = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      all.add(run("one"));
    }
    assertThat(queue.size()).isEqualTo(1);
    assertThat(flights.size()).isEqualTo(1);

    queue.runAll();

    assertThat(all).allSatisfy(one -> assertThat(one).isCompletedWithValue(1));
    assertThat(flights.size()).isZero();
  }

  @Test
  void workOfAnotherKeyIsDoneApart() {
    CompletableFuture<Integer> one = run("one");
    CompletableFuture<Integer> other = run("other");

    queue.runAll();

    assertThat(one).isCompletedWithValue(1);
    assertThat(other).isCompletedWithValue(2);
  }

  @Test
  void workThatIsOverIsDoneAgain() {
    CompletableFuture<Integer> first = run("one");
    queue.runAll();

    CompletableFuture<Integer> second = run("one");
    queue.runAll();

    assertThat(first).isCompletedWithValue(1);
    assertThat(second).isCompletedWithValue(2);
  }

  @Test
  void receiverOfTheResultCanStartNewWork() {
    CompletableFuture<Integer> again = run("one").thenCompose(first -> run("one"));

    queue.runAll();

    assertThat(again).isCompletedWithValue(2);
  }

  @Test
  void failureIsToldToAllWhoWaitAndNotToThoseWhoComeLater() {
    IllegalStateException failure = new IllegalStateException("no");
    CompletableFuture<Integer> one = flights.run("one", queue, () -> fail(failure));
    CompletableFuture<Integer> other = run("one");
    queue.runAll();
    CompletableFuture<Integer> next = run("one");
    queue.runAll();

    assertThat(failureOf(one)).isSameAs(failure);
    assertThat(failureOf(other)).isSameAs(failure);
    assertThat(next).isCompletedWithValue(1);
  }

  @Test
  void errorLeavesNobodyWaiting() {
    AssertionError error = new AssertionError("no");
    CompletableFuture<Integer> one = flights.run("one", queue, () -> fail(error));

    queue.runAll();

    assertThat(failureOf(one)).isSameAs(error);
    assertThat(flights.size()).isZero();
  }

  @Test
  void fullQueueMakesUnavailableAndLeavesNothingBehind() {
    queue.full(true);
    CompletableFuture<Integer> refused = run("one");
    assertThat(failureOf(refused))
        .isInstanceOfSatisfying(
            OciException.class,
            e -> {
              assertThat(e.error()).isEqualTo(OciError.UNAVAILABLE);
              assertThat(e.retryAfter()).contains(ClientErrors.SOON);
            });
    assertThat(flights.size()).isZero();

    queue.full(false);
    CompletableFuture<Integer> again = run("one");
    queue.runAll();

    assertThat(again).isCompletedWithValue(1);
  }

  /** The deadline of a client completes only its own future, not the futures of other clients. */
  @Test
  void futureOfOneClientDoesNotAffectOthers() {
    CompletableFuture<Integer> impatient = run("one");
    CompletableFuture<Integer> patient = run("one");
    impatient.complete(-1);
    assertThat(patient).isNotDone();

    queue.runAll();

    assertThat(impatient).isCompletedWithValue(-1);
    assertThat(patient).isCompletedWithValue(1);
  }

  private static Integer fail(Throwable failure) {
    if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }

  private static Throwable failureOf(CompletableFuture<?> future) {
    assertThat(future).isCompletedExceptionally();
    Throwable failure = future.handle((value, e) -> e).join();
    return failure instanceof CompletionException ? failure.getCause() : failure;
  }
}
