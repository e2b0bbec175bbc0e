package io.entrepot.cache;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Runs database queries on threads of their own, so that no thread of the server waits for the
 * database. These threads never wait for an upstream. Thread-safe.
 *
 * @param executor has a limited number of threads and a limited queue
 */
public record Lookups(Executor executor) {
  /**
   * Runs a lookup.
   *
   * @return the result; fails with the exception of the work, or with {@code UNAVAILABLE} if the
   *     queue is full
   */
  public <T> CompletableFuture<T> find(Supplier<T> work) {
    return begin(() -> CompletableFuture.completedFuture(work.get()));
  }

  /** Like {@link #find}, for work that returns a future. */
  public <T> CompletableFuture<T> begin(Supplier<CompletableFuture<T>> work) {
    CompletableFuture<Boolean> turn = new CompletableFuture<>();
    CompletableFuture<T> answer = turn.thenCompose(begun -> work.get());
    try {
      executor.execute(() -> turn.complete(true));
      return answer;
    } catch (RejectedExecutionException e) {
      return CompletableFuture.failedFuture(
          new OciException(
              OciError.UNAVAILABLE,
              "too many requests wait for the database",
              ClientErrors.SOON,
              e));
    }
  }
}
