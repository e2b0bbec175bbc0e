package io.entrepot.cache;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * The threads on which the database may be asked, so that no thread of a server ever waits for it.
 * They never wait for an upstream. Thread-safe.
 *
 * @param executor bounded in threads and queue
 */
public record Lookups(Executor executor) {
  /**
   * Looks something up.
   *
   * @return fails with what the work throws, or with {@code UNAVAILABLE} when too many wait
   */
  public <T> CompletableFuture<T> find(Supplier<T> work) {
    return begin(() -> CompletableFuture.completedFuture(work.get()));
  }

  /** As {@link #find}, where the work begins something that ends later. */
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
