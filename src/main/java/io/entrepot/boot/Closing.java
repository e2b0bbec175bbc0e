package io.entrepot.boot;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What has been opened, to be closed in the opposite order. Used by one thread at a time. */
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

  /** Closes everything, whatever any of it throws. */
  @Override
  public void close() {
    while (!opened.isEmpty()) {
      AutoCloseable next = opened.pop();
      try {
        next.close();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (Exception | LinkageError e) {
        // Liberty undeploys what was deleted: of such a WAR no further class can be loaded.
        log.error("Closing {} failed", next, e);
      }
    }
  }
}
