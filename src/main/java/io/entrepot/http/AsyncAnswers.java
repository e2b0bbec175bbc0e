package io.entrepot.http;

import io.entrepot.cache.BlobDelivery;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Answers that are sent when they are there, while no thread of the server waits. Thread-safe.
 *
 * @param errors sends what went wrong instead
 * @param pumps sends the answer, so that neither a fill nor a question waits for a client
 * @param chunks what pumps move bytes in
 * @param stragglers watches those that take long
 */
public record AsyncAnswers(
    ErrorResponder errors, Executor pumps, Chunks chunks, Stragglers stragglers) {

  /** Sends an answer to one client. */
  interface Sending<T> {
    void send(T answer) throws IOException;
  }

  /** Frees the container's thread until the answer is there. */
  <T> void send(CompletableFuture<T> answer, Exchange exchange, Sending<T> sending) {
    exchange.startAsync();
    CompletableFuture<T> first = new CompletableFuture<>();
    exchange.onCut(() -> first.completeExceptionally(Exchanges.stopping()));
    var unused = answer.whenComplete((value, failure) -> pass(value, failure, first));
    var unusedToo =
        first.whenCompleteAsync(
            (value, failure) -> sendNow(value, failure, exchange, sending), pumps);
  }

  private static <T> void pass(
      T value, @Nullable Throwable failure, CompletableFuture<T> receiver) {
    if (failure != null) {
      receiver.completeExceptionally(failure);
    } else if (!receiver.complete(value) && value instanceof BlobDelivery late) {
      late.close();
    }
  }

  private <T> void sendNow(
      T value, @Nullable Throwable failure, Exchange exchange, Sending<T> sending) {
    if (failure != null) {
      errors.send(exchange, failure);
      return;
    }
    try {
      sending.send(value);
    } catch (IOException | RuntimeException e) {
      errors.send(exchange, e);
    }
  }
}
