package io.entrepot.cache;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;

/**
 * Runs work once for all callers that want its result at the same time. A call with the key of
 * running work gets the result of that work. Holds at most as many entries as the executors have
 * running and waiting tasks. Thread-safe.
 *
 * @param <K> the type of the keys; work with equal keys has results of equal types
 */
public final class SingleFlight<K> {
  private final ConcurrentMap<K, CompletableFuture<Object>> running = new ConcurrentHashMap<>();

  /** The number of running and waiting tasks. */
  public int size() {
    return running.size();
  }

  /**
   * Runs the work, or shares the result of running work with the same key.
   *
   * @param executor runs the work; has a limited number of threads and a limited queue
   * @param work the work; may block
   * @return the result; fails with the exception of {@code work}, or with {@code UNAVAILABLE} if
   *     the queue is full
   */
  public <T> CompletableFuture<T> run(K key, Executor executor, Supplier<T> work) {
    CompletableFuture<Object> own = new CompletableFuture<>();
    CompletableFuture<Object> shared = running.putIfAbsent(key, own);
    if (shared == null) {
      try {
        executor.execute(() -> runNow(key, work, own));
      } catch (RejectedExecutionException e) {
        running.remove(key, own);
        own.completeExceptionally(
            new OciException(
                OciError.UNAVAILABLE,
                "too many requests wait for the upstream",
                ClientErrors.SOON,
                e));
      }
      shared = own;
    }
    @SuppressWarnings("unchecked") // equal keys have equal types of results
    CompletableFuture<T> typed = (CompletableFuture<T>) shared.copy();
    return typed;
  }

  private <T> void runNow(K key, Supplier<T> work, CompletableFuture<Object> own) {
    try {
      T result = work.get();
      running.remove(key, own);
      own.complete(result);
    } catch (RuntimeException | Error e) {
      running.remove(key, own);
      own.completeExceptionally(e);
    }
  }
}
