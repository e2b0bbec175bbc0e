package io.entrepot.http;

import io.entrepot.cache.BlobDelivery;
import io.entrepot.cache.BlobReader;
import io.entrepot.cache.ClientErrors;
import io.entrepot.oci.OciException;
import io.entrepot.store.Body;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/**
 * Sends answers and their bodies. No thread waits for an answer that is not ready yet, or for a
 * client that does not read (S25). Thread-safe.
 *
 * @param errors sends the error if there is no answer
 * @param pumps the executor that sends the answers, so that no thread of a fill or of a question to
 *     the upstream does
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
   * The largest body that is written at once, in bytes. It fits into the socket's buffer, so that
   * the thread of the server does not wait even if the client is slow.
   */
  private static final int MAX_AT_ONCE = 32 << 10;

  /** Sends a body that is here, and ends the exchange. Only its length is still to be set. */
  void sendBody(Exchange exchange, Body body) throws IOException {
    exchange.response().setContentLengthLong(body.size());
    if (exchange.facts().isHead()) {
      exchange.end(0, null);
    } else {
      sendBody(exchange, opened(body), body);
    }
  }

  private static BlobReader opened(Body body) {
    try {
      return BlobReader.of(body);
    } catch (IOException e) {
      throw ClientErrors.unavailable("the body of an answer could not be opened", e);
    }
  }

  /**
   * Sends what a reader gives of a body, in the fastest way that the server supports, and ends the
   * exchange. All headers are set.
   */
  void sendBody(Exchange exchange, BlobReader reader, Body body) throws IOException {
    long length = reader.remaining();
    Optional<Path> file = body.localFile();
    if (exchange.isAsync()) {
      pump(exchange, reader, body.held());
    } else if (file.isPresent() && Sendfile.isSupported(exchange.request(), length)) {
      try (reader) {
        Sendfile.send(exchange, file.get(), reader);
      }
    } else if (length <= MAX_AT_ONCE) {
      try (reader) {
        exchange.end(reader.readRest());
      }
    } else {
      exchange.startAsync();
      pump(exchange, reader, body.held());
    }
  }

  /**
   * Sends what a reader gives, as soon as it gives it and the client takes it.
   *
   * @param held how many bytes are on the heap until the reader is closed
   */
  void pump(Exchange exchange, BlobReader reader, long held) throws IOException {
    try {
      new BodyPump(exchange, reader, held, this).start();
    } catch (OciException e) {
      reader.close();
      throw e;
    }
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
