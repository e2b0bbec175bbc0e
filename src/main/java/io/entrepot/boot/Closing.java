package io.entrepot.boot;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A list of opened resources. They are closed in the opposite order. Used by one thread at a time.
 */
final class Closing implements AutoCloseable {
  private static final Logger log = LoggerFactory.getLogger(Closing.class);

  private final Deque<AutoCloseable> opened = new ArrayDeque<>();

  <T extends AutoCloseable> T add(T closeable) {
    opened.push(closeable);
    return closeable;
  }

  <T> T add(T thing, Consumer<T> close) {
    opened.push(() -> close.accept(thing));
    return thing;
  }

  /** Closes all resources, even if some of them throw exceptions. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable next = opened.pop();
      try {
        next.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception | LinkageError e) {
        // LinkageError: if a WAR file is deleted, Liberty undeploys it, but its classes cannot be
        // loaded any more.
        log.error("Closing {} failed", next, e);
      }
    }
  }
}
