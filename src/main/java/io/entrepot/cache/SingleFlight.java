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
 * Work that is done once however many want its result: whoever comes while it is under way shares
 * it. Holds no more than its executors have running and waiting. Thread-safe.
 *
 * @param <K> names the work; equal keys have equal types of results
 */
public final class SingleFlight<K> {
  private final ConcurrentMap<K, CompletableFuture<Object>> underWay = new ConcurrentHashMap<>();

  /** How much work is under way. */
  public int size() {
    return underWay.size();
  }

  /**
   * Does the work, or shares what is under way for the same key.
   *
   * @param executor runs it; bounded in threads and queue
   * @param work may block
   * @return fails with what {@code work} throws, or with {@code UNAVAILABLE} when too many wait
   */
  public <T> CompletableFuture<T> run(K key, Executor executor, Supplier<T> work) {
    CompletableFuture<Object> mine = new CompletableFuture<>();
    CompletableFuture<Object> shared = underWay.putIfAbsent(key, mine);
    if (shared == null) {
      try {
        executor.execute(() -> runNow(key, work, mine));
      } catch (RejectedExecutionException e) {
        underWay.remove(key, mine);
        mine.completeExceptionally(
            new OciException(
                OciError.UNAVAILABLE,
                "too many requests wait for the upstream",
                ClientErrors.SOON,
                e));
      }
      shared = mine;
    }
    @SuppressWarnings("unchecked") // equal keys have equal types of results
    CompletableFuture<T> typed = (CompletableFuture<T>) shared.copy();
    return typed;
  }

  private <T> void runNow(K key, Supplier<T> work, CompletableFuture<Object> mine) {
    try {
      T result = work.get();
      underWay.remove(key, mine);
      mine.complete(result);
    } catch (RuntimeException | Error e) {
      underWay.remove(key, mine);
      mine.completeExceptionally(e);
    }
  }
}
