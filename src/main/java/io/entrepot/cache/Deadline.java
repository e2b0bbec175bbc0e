package io.entrepot.cache;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * How long a client waits for the upstream when an older answer would do.
 *
 * @param timer runs the substitution; short work only
 */
public record Deadline(ScheduledExecutorService timer, Duration after) {

  /**
   * Gives a substitute when the answer takes too long. The answer goes on being worked out for
   * those who come later.
   *
   * @param substitute asked once the time is up; empty to go on waiting
   */
  <T> CompletableFuture<T> orElse(CompletableFuture<T> answer, Supplier<Optional<T>> substitute) {
    CompletableFuture<T> first = answer.copy();
    Future<?> alarm =
        timer.schedule(
            () -> {
              if (!first.isDone()) {
                substitute.get().ifPresent(first::complete);
              }
            },
            after.toMillis(),
            TimeUnit.MILLISECONDS);
    var unused = first.whenComplete((value, failure) -> alarm.cancel(false));
    return first;
  }
}
