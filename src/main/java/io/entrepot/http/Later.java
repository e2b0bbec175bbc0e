package io.entrepot.http;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sends answers that had to be waited for. Thread-safe.
 *
 * @param errors sends what went wrong instead
 * @param pumps sends the answer, so that neither a fill nor a question waits for a client
 * @param stragglers watches those that take long
 */
public record Later(ErrorResponder errors, Executor pumps, Stragglers stragglers) {

  /** Sends an answer to one client. */
  interface Sending<T> {
    void send(T answer) throws IOException;
  }

  /** Frees the container's thread until the answer is there. */
  <T> void send(CompletableFuture<T> answer, Exchange exchange, Sending<T> sending) {
    exchange.startAsync();
    var unused =
        answer.whenCompleteAsync(
            (value, failure) -> sendNow(value, failure, exchange, sending), pumps);
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
