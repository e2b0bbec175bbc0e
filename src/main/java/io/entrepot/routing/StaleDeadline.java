package io.entrepot.routing;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How long a client waits for the upstream when an older answer would do.
 *
 * @param timer says when the time is up; nothing is looked up in it
 * @param workers look for the substitute, which may take a question to the database; must not be
 *     those that wait for the upstream
 * @param after more than zero
 */
public record StaleDeadline(ScheduledExecutorService timer, Executor workers, Duration after) {
  private static final Logger log = LoggerFactory.getLogger(StaleDeadline.class);

  /**
   * Gives a substitute when the answer takes too long. The answer goes on being worked out for
   * those who come later.
   *
   * @param substitute asked once the time is up; empty to go on waiting
   */
  public <T> CompletableFuture<T> orElse(
      CompletableFuture<T> answer, Supplier<Optional<T>> substitute) {
    CompletableFuture<T> first = answer.copy();
    Future<?> alarm =
        timer.schedule(() -> replace(first, substitute), after.toMillis(), TimeUnit.MILLISECONDS);
    var unused = first.whenComplete((value, failure) -> alarm.cancel(false));
    return first;
  }

  private <T> void replace(CompletableFuture<T> first, Supplier<Optional<T>> substitute) {
    try {
      workers.execute(
          () -> {
            if (!first.isDone()) {
              substitute.get().ifPresent(first::complete);
            }
          });
    } catch (RejectedExecutionException e) {
      // Too busy for a substitute: the client goes on waiting for the answer itself.
      log.debug("No older answer is looked for", e);
    }
  }
}
