package io.entrepot.cache;

import io.entrepot.oci.OciError;
import io.entrepot.oci.OciException;
import io.entrepot.oci.RepositoryName;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * Short questions, to an upstream or of this machine, each asked once however many want to know:
 * whoever comes while a question is open shares its answer. Thread-safe.
 */
public final class Asks {
  private final Executor executor;
  private final Function<RepositoryName, Executor> lanes;
  private final ConcurrentMap<String, CompletableFuture<Object>> open = new ConcurrentHashMap<>();

  /**
   * @param executor bounded in threads and queue; a rejection is told to the client as 503
   * @param lanes the part of that which an upstream has, by its repositories
   */
  public Asks(Executor executor, Function<RepositoryName, Executor> lanes) {
    this.executor = executor;
    this.lanes = lanes;
  }

  /** How many questions are open. */
  public int open() {
    return open.size();
  }

  /**
   * Asks an upstream, or shares the answer to the same question.
   *
   * @param repository whose upstream it is
   * @param question names it; equal questions have equal types of answers
   * @param answer as below
   * @return as below
   */
  public <T> CompletableFuture<T> ask(
      RepositoryName repository, String question, Supplier<T> answer) {
    return ask(lanes.apply(repository), question, answer);
  }

  /**
   * Asks, or shares the answer to the same question.
   *
   * @param question names it; equal questions have equal types of answers
   * @param answer blocks; may throw an {@link OciException}
   * @return fails with what {@code answer} throws, or with {@code UNAVAILABLE} when too many wait
   */
  public <T> CompletableFuture<T> ask(String question, Supplier<T> answer) {
    return ask(executor, question, answer);
  }

  private <T> CompletableFuture<T> ask(Executor threads, String question, Supplier<T> answer) {
    CompletableFuture<Object> mine = new CompletableFuture<>();
    CompletableFuture<Object> asked = open.putIfAbsent(question, mine);
    if (asked == null) {
      try {
        threads.execute(() -> run(question, answer, mine));
      } catch (RejectedExecutionException e) {
        open.remove(question, mine);
        mine.completeExceptionally(
            new OciException(
                OciError.UNAVAILABLE,
                "too many requests wait for the upstream",
                ClientErrors.SOON,
                e));
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
