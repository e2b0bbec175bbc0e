package io.entrepot.http;

import io.entrepot.cache.BlobDelivery;
import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sends answers that are not ready yet, without a thread of the server that waits for them.
 * Thread-safe.
 *
 * @param errors sends the error if there is no answer
 * @param pumps the executor that sends the answers; so a slow client does not hold a thread of a
 *     fill or of a question to the upstream
 * @param chunks the buffers of the pumps
 * @param stragglers finds the clients that are too slow
 */
public record AsyncAnswers(
    ErrorResponder errors, Executor pumps, Chunks chunks, Stragglers stragglers) {

  /**
   * Writes an answer to one client.
   *
   * @param <T> the type of the answer
   */
  interface Sending<T> {
    void send(T answer) throws IOException;
  }

  /**
   * Makes the request asynchronous, which frees the server's thread, and sends the answer later.
   */
  <T> void send(CompletableFuture<T> answer, Exchange exchange, Sending<T> sending) {
    exchange.startAsync();
    CompletableFuture<T> first = new CompletableFuture<>();
    exchange.onCut(() -> first.completeExceptionally(Exchanges.stopping()));
    var unused = answer.whenComplete((value, failure) -> complete(first, value, failure));
    var unusedToo =
        first.whenCompleteAsync(
            (value, failure) -> sendNow(value, failure, exchange, sending), pumps);
  }

  /** Completes a future. If it was completed before, closes the answer that nobody will use. */
  private static <T> void complete(
      CompletableFuture<T> receiver, T value, @Nullable Throwable failure) {
    if (failure != null) {
      receiver.completeExceptionally(failure);
    } else if (!receiver.complete(value) && value instanceof BlobDelivery delivery) {
      delivery.close();
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
