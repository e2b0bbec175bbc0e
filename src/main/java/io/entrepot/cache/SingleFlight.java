package io.entrepot.cache;

import io.entrepot.memory.Allowance;
import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * Runs work once for all callers that want its result at the same time. A call with the key of
 * running work gets the result of that work. Holds at most as many entries as the executors have
 * running and waiting tasks, and as its allowance lets it. Thread-safe.
 *
 * @param <K> the type of the keys; work with equal keys has results of equal types
 */
public final class SingleFlight<K> {
  /** What work takes besides its key: futures, and the request that it answers. */
  private static final int WORK = 1024;

  private final ConcurrentMap<K, CompletableFuture<Object>> running = new ConcurrentHashMap<>();
  private final Allowance allowance;
  private final ToIntFunction<K> weigher;

  /**
   * Begins with no work.
   *
   * @param allowance for all work that is running or waits
   * @param weigher the bytes of a key
   */
  public SingleFlight(Allowance allowance, ToIntFunction<K> weigher) {
    this.allowance = allowance;
    this.weigher = weigher;
  }

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
   *     the queue or the allowance is full
   */
  public <T> CompletableFuture<T> run(K key, Executor executor, Supplier<T> work) {
    CompletableFuture<Object> own = new CompletableFuture<>();
    CompletableFuture<Object> shared = running.putIfAbsent(key, own);
    if (shared == null) {
      begin(key, executor, work, own);
      shared = own;
    }
    @SuppressWarnings("unchecked") // equal keys have equal types of results
    CompletableFuture<T> typed = (CompletableFuture<T>) shared.copy();
    return typed;
  }

  private <T> void begin(
      K key, Executor executor, Supplier<T> work, CompletableFuture<Object> own) {
    if (!allowance.take(WORK + weigher.applyAsInt(key))) {
      running.remove(key, own);
      own.completeExceptionally(tooMany(null));
      return;
    }
    try {
      executor.execute(() -> runNow(key, work, own));
    } catch (RejectedExecutionException e) {
      end(key, own);
      own.completeExceptionally(tooMany(e));
    }
  }

  private void end(K key, CompletableFuture<Object> own) {
    running.remove(key, own);
    allowance.giveBack(WORK + weigher.applyAsInt(key));
  }

  private static OciException tooMany(@Nullable Throwable cause) {
    return new OciException(
        OciError.UNAVAILABLE, "too many requests wait for the upstream", ClientErrors.SOON, cause);
  }

  private <T> void runNow(K key, Supplier<T> work, CompletableFuture<Object> own) {
    try {
      T result = work.get();
      end(key, own);
      own.complete(result);
    } catch (RuntimeException | Error e) {
      end(key, own);
      own.completeExceptionally(e);
    }
  }
}
