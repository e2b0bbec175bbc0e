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
 * Short questions to the upstream, each asked once however many want to know: whoever comes while a
 * question is open shares its answer. Thread-safe.
 */
public final class Asks {
  private final Executor executor;
  private final ConcurrentMap<String, CompletableFuture<Object>> open = new ConcurrentHashMap<>();

  /**
   * @param executor bounded in threads and queue; a rejection is told to the client as 503
   */
  public Asks(Executor executor) {
    this.executor = executor;
  }

  /** How many questions are open. */
  public int open() {
    return open.size();
  }

  /**
   * Asks, or shares the answer to the same question.
   *
   * @param question names it; equal questions have equal types of answers
   * @param answer blocks; may throw an {@link OciException}
   * @return fails with what {@code answer} throws, or with {@code UNAVAILABLE} when too many wait
   */
  <T> CompletableFuture<T> ask(String question, Supplier<T> answer) {
    CompletableFuture<Object> mine = new CompletableFuture<>();
    CompletableFuture<Object> asked = open.putIfAbsent(question, mine);
    if (asked == null) {
      try {
        executor.execute(() -> run(question, answer, mine));
      } catch (RejectedExecutionException e) {
        open.remove(question, mine);
        mine.completeExceptionally(
            new OciException(
                OciError.UNAVAILABLE, "too many requests wait for the upstream", Failures.SOON, e));
      }
      asked = mine;
    }
    @SuppressWarnings("unchecked") // see the contract of "question"
    CompletableFuture<T> typed = (CompletableFuture<T>) asked.copy();
    return typed;
  }

  private <T> void run(String question, Supplier<T> answer, CompletableFuture<Object> mine) {
    try {
      T value = answer.get();
      open.remove(question, mine);
      mine.complete(value);
    } catch (RuntimeException | Error e) {
      open.remove(question, mine);
      mine.completeExceptionally(e);
    }
  }
}
